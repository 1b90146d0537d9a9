"""Files come back by name: regular ones, bounded, and never through a link."""

import pytest

from tests.contract.conftest import MIB, Run


def test_files_come_back_with_their_content(run: Run) -> None:
    execution = run(
        "import os\nos.mkdir('out'); open('out/a.txt', 'w').write('A'); open('b.bin', 'wb').write(bytes(range(256)))",
        collect=("out/*", "b.bin"),
    )

    assert execution.files == {"out/a.txt": b"A", "b.bin": bytes(range(256))}


def test_what_was_not_asked_for_stays(run: Run) -> None:
    assert run("open('a', 'w'); open('b', 'w')", collect=("a",)).files == {"a": b""}


@pytest.mark.parametrize(
    "trap",
    [
        "import os; os.symlink('/etc/passwd', 'out')",
        "import os; os.symlink('main.py', 'out')",
        "import os; os.mkfifo('out')",
        "import os; os.mkdir('out')",
        "import os; os.symlink('/dev/zero', 'out')",
        "import os; os.symlink('/etc', 'd'); os.link('main.py', 'x')",
        "import socket\ntry: socket.socket(socket.AF_UNIX).bind('out')\nexcept OSError: pass",
        "import os, shutil; os.chdir('/'); shutil.rmtree(os.environ['HOME'], True); os.symlink('/etc', os.environ['HOME'])",
    ],
)
def test_nothing_but_a_regular_file_comes_back(run: Run, trap: str) -> None:
    assert run(trap, collect=("out", "d/*", "passwd")).files == {}


def test_a_left_over_child_cannot_swap_files_under_the_collector(run: Run) -> None:
    race = (
        "import os\nif os.fork(): open('out', 'w').write('mine'); os._exit(0)\n"
        "while True:\n"
        "    try: os.symlink('/etc/passwd', 'l'); os.rename('l', 'out'); open('r', 'w').write('mine'); os.rename('r', 'out')\n"
        "    except OSError: pass"
    )

    for _ in range(20):
        assert run(race, collect=("out",)).files.get("out", b"") in (b"mine", b"")


def test_what_is_collected_is_bounded(run: Run) -> None:
    source = "for n in range(30): open(f'f{n}', 'wb').write(bytes(1 << 20))"

    files = run(source, collect=("f*",), file_bytes=32 * MIB).files
    two_sparse = "import os\nfor n in 'ab': os.ftruncate(os.open(n, 66), 7 << 20)"
    sparse = run(two_sparse, collect=("*",), file_bytes=8 * MIB).files

    assert sum(map(len, files.values())) <= 32 * MIB
    assert sum(map(len, sparse.values())) <= 8 * MIB


def test_a_thousand_files_at_most(run: Run) -> None:
    assert len(run("for n in range(3000): open(f'f{n}', 'w')", collect=("*",)).files) <= 1000


@pytest.mark.parametrize(
    ("source", "left_out"),
    [
        ("open('a', 'w'); open('b', 'w')", False),
        ("import os\nfor n in 'ab': os.ftruncate(os.open(n, 66), 7 << 20)", True),
        ("for n in range(1001): open(f'{n}', 'w')", True),
        ("import os; os.symlink('main.py', 'l'); os.mkdir('d')", False),
    ],
)
def test_it_is_said_when_something_was_left_out_for_its_size_or_number(run: Run, source: str, left_out: bool) -> None:
    assert run(source, collect=("*",), file_bytes=8 * MIB).files_left_out is left_out
