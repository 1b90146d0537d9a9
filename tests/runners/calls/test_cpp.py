"""The same in C++, where the program is compiled together with what calls it."""

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.models import Tier, Verdict
from sandbox_service.sandboxes import Boxes, open_box
from tests.runners.calling import QUICK, RUNNERS, call, judged
from tests.runners.calls.attacks import ONLY_RE, ONLY_WA, TOLD, Attack

CPP_ATTACKS: dict[str, Attack] = {
    "K02 leaves before main": ("struct A { A() { _exit(0); } } a;\nint solve(int n) { return 1; }", ONLY_RE),
    "K15 answers before main and again": (
        "struct A { ~A() { } A() { } } a;\nint solve(int n) { for (int fd = 3; fd < 64; ++fd) write(fd, \"returned 1\\n9\", 12); return 9; }",
        ONLY_RE,
    ),
    "K40 renames main": ("#define main other\n#define serve nothing\n#define leave nothing\nint solve(int n) { return 1; }", ONLY_WA),
    "K40 runs when loaded": (
        "__attribute__((constructor)) void early() { puts(\"9\"); _exit(0); }\nint solve(int n) { return 1; }",
        ONLY_RE,
    ),
    "K40 prints at the end": ("struct A { ~A() { puts(\"9\"); } } a;\nint solve(int n) { return 1; }", ONLY_WA),
    "K40 leaves by assembly": (
        'int solve(int n) { asm volatile("mov $60, %eax; xor %edi, %edi; syscall"); return 1; }',
        ONLY_RE,
    ),
    "K41 runs others": ('int solve(int n) { system("echo 9"); execl("/bin/sh", "sh", "-c", "echo 9", nullptr); return 1; }', TOLD),
    "K46 overloads everything": (
        "struct Any { template <class T> operator T() const { return T(); } };\nAny solve(int n) { return {}; }",
        (*TOLD, Verdict.COMPILE_ERROR),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CPP_ATTACKS)
def test_nothing_is_gained_in_cpp_by(name: str, compiler: Compiler):
    if RUNNERS["cpp"].missing():
        pytest.skip("g++ is missing")
    source, verdicts = CPP_ATTACKS[name]
    box = Boxes(lambda zygote: open_box(Tier.NAMESPACES))

    judgement = judged(box, compiler, "cpp", source, [call("solve", 3, expected=9)], limits=QUICK)

    box.close()
    assert judgement.verdict in verdicts, judgement
    assert judgement.reward == 0.0
