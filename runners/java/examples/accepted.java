package squares;

import java.util.Scanner;

class Helper {
    static long square(long n) {
        return n * n;
    }
}

public class Squares {
    public static void main(String[] arguments) {
        System.out.println(Helper.square(new Scanner(System.in).nextLong()));
    }
}
