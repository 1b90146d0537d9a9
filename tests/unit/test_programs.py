"""What was compiled is found again whole, or not at all."""

import os
from pathlib import Path

import pytest

from sandbox_service.entry_points import EntryPoint
from sandbox_service.models import Compilation
from sandbox_service.programs import Program, SharedPrograms
from sandbox_service.sandboxes.contract import File

COMPILATION = Compilation(
    succeeded=True, exit_code=0, signal=None, cpu_seconds=0.5, wall_seconds=0.6, memory_bytes=7, log="é\n"
)
PROGRAM = Program(
    files={"main": File(b"\x7fELF\n\0", executable=True), "data/a": File(b"")},
    entry=EntryPoint("Main.java", "p.Main"),
    compilation=COMPILATION,
    code=b"\n\n",
)


def test_another_worker_finds_what_one_has_compiled(tmp_path: Path):
    SharedPrograms(tmp_path).put("digest", PROGRAM)

    assert SharedPrograms(tmp_path).get("digest") == PROGRAM


def test_what_was_never_compiled_is_not_found(tmp_path: Path):
    assert SharedPrograms(tmp_path).get("digest") is None


@pytest.mark.parametrize(
    "damage", [lambda held: held[:-1], lambda held: held[:40] + b"x" + held[41:], lambda held: b""]
)
def test_a_damaged_program_is_not_run(tmp_path: Path, damage):
    SharedPrograms(tmp_path).put("digest", PROGRAM)
    path = tmp_path / "digest"
    path.write_bytes(damage(path.read_bytes()))

    assert SharedPrograms(tmp_path).get("digest") is None


def test_the_least_used_make_room(tmp_path: Path):
    shared = SharedPrograms(tmp_path, disk_bytes=10_000)
    large = Program({"main": File(bytes(3000))}, EntryPoint("a", "a"), None)

    for age, name in enumerate(("a", "b", "c")):
        shared.put(name, large)
        os.utime(tmp_path / name, (age, age))
    shared.get("a")
    shared.put("d", large)

    assert shared.get("a") == large
    assert shared.get("d") == large
    assert shared.get("b") is None


def test_nobody_else_can_read_them(tmp_path: Path):
    folder = tmp_path / "programs"

    SharedPrograms(folder)

    assert folder.stat().st_mode & 0o077 == 0
