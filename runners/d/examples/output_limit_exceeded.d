import std.stdio;
import std.range;

void main() {
    while (true) writeln('x'.repeat(1000));
}
