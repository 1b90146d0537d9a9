using System;

public static class Program
{
    public static void Main()
    {
        while (true) Console.WriteLine(new string('x', 1000));
    }
}
