using System;

public static class Program
{
    public static void Main()
    {
        long n = long.Parse(Console.ReadLine());
        Console.WriteLine(n * n);
        throw new InvalidOperationException("after the right answer");
    }
}
