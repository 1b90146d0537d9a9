__gshared long n;

void main() {
    import core.atomic;

    while (true) atomicOp!"+="(*cast(shared long*)&n, 1);
}
