import java.util.Scanner;

public class Main {
    public static void main(String[] arguments) {
        long n = new Scanner(System.in).nextLong();
        System.out.println(n + n);
    }
}
