import std.stdio;

void main() {
    long n;
    readf(" %d", &n);
    writeln(n * n);
    throw new Exception("after the right answer");
}
