using System;
using System.Linq;

public static class Program
{
    public static void Main()
    {
        long n = long.Parse(Console.ReadLine());
        Console.WriteLine(new[] { n, n }.Aggregate(1L, (product, factor) => product * factor));
    }
}
