using System;

public static class Program
{
    public static void Main()
    {
        long n = long.Parse(Console.ReadLine());
        Console.WriteLine(n + n);
    }
}
