import std.stdio;

void main() {
    long n;
    readf(" %d", &n);
    writeln(n + n);
}
