"""The filter allows by name, refuses the rest, and its offsets fit."""

import json
import struct
from pathlib import Path

import pytest

from sandbox_service.errors import SandboxUnavailable
from sandbox_service.sandboxes.seccomp import Sockets, compile_filter, container_profile
from sandbox_service.sandboxes.syscall_numbers import SYSCALL_NUMBERS

ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def decide(program: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0xC000003E) -> int:
    """What the kernel would answer: the BPF instructions carried out one by one."""
    data = struct.pack("=IIQ6Q", number, architecture, 0, *arguments, *([0] * (6 - len(arguments))))
    instructions = list(struct.iter_unpack("=HBBI", program))
    position = accumulator = 0
    while True:
        code, if_true, if_false, value = instructions[position]
        position += 1
        if code == 0x20:
            accumulator = struct.unpack_from("=I", data, value)[0]
        elif code == 0x06:
            return int(value)
        else:
            holds = {
                0x15: accumulator == value,
                0x25: accumulator > value,
                0x35: accumulator >= value,
                0x45: bool(accumulator & value),
            }[code]
            position += if_true if holds else if_false


def number_of(name: str, machine: str = "x86_64") -> int:
    number = SYSCALL_NUMBERS[name][list(ARCHITECTURES).index(machine)]
    assert number is not None
    return number


@pytest.mark.parametrize("machine", ARCHITECTURES)
@pytest.mark.parametrize(
    ("name", "arguments", "answer"),
    [
        ("read", (), ALLOW),
        ("execve", (), ALLOW),
        ("clone", (0x11,), ALLOW),
        ("clone", (0x10000011,), EPERM),
        ("clone3", (), ENOSYS),
        ("memfd_create", (), ENOSYS),
        ("unshare", (0x10000000,), EPERM),
        ("ioctl", (1, 0x5401), ALLOW),
        ("ioctl", (1, 0x5412), EPERM),
        ("socketpair", (1,), ALLOW),
        ("socketpair", (16,), EPERM),
        ("socket", (1,), ALLOW),
        ("socket", (2,), EPERM),
        ("personality", (0xFFFFFFFF,), ALLOW),
        ("personality", (0x0400000,), EPERM),
    ],
)
def test_each_call_gets_its_answer(machine: str, name: str, arguments: tuple[int, ...], answer: int) -> None:
    program = compile_filter(Sockets.LOCAL, scoped_signals=True, machine=machine)

    assert decide(program, number_of(name, machine), arguments, ARCHITECTURES[machine]) == answer


def test_another_architecture_is_killed() -> None:
    program = compile_filter(Sockets.LOCAL, scoped_signals=True, machine="x86_64")

    assert decide(program, 0, architecture=0x40000003) == KILL


@pytest.mark.parametrize("number", [0x40000000 | 39, 9999, 1 << 31])
def test_what_nobody_knows_is_absent(number: int) -> None:
    assert decide(compile_filter(Sockets.LOCAL, scoped_signals=True, machine="x86_64"), number) == ENOSYS


def test_without_a_network_namespace_no_socket_is_opened() -> None:
    program = compile_filter(Sockets.NONE, scoped_signals=True, machine="x86_64")

    assert decide(program, number_of("socket"), (1,)) == EPERM


def test_where_nothing_scopes_signals_they_reach_the_own_process_alone() -> None:
    program = compile_filter(Sockets.NONE, scoped_signals=False, machine="x86_64")
    program = program.replace(struct.pack("=I", 0x7EADBEEF), struct.pack("=I", 4242))

    assert decide(program, number_of("kill"), (4242, 9)) == ALLOW
    assert decide(program, number_of("kill"), (0, 9)) == ALLOW
    assert decide(program, number_of("kill"), (1, 9)) == EPERM
    assert decide(program, number_of("kill"), (0xFFFFFFFF, 9)) == EPERM
    assert decide(program, number_of("pidfd_send_signal"), (3, 9)) == EPERM


def test_an_unknown_processor_is_refused() -> None:
    with pytest.raises(SandboxUnavailable, match="available: x86_64, aarch64"):
        compile_filter(Sockets.NONE, scoped_signals=True, machine="sparc")


def test_the_shipped_profile_is_the_one_that_is_compiled() -> None:
    shipped = Path(__file__).parents[3] / "deploy" / "seccomp" / "namespaces.json"

    assert json.loads(shipped.read_text()) == container_profile()
