public class Main {
    public static void main(String[] arguments) {
        while (true) System.out.println("x".repeat(1000));
    }
}
