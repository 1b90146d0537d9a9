"""After a run nothing of it remains: the next one starts as from nothing, and so does the machine."""

import os
import time
from pathlib import Path

import pytest

from sandbox_service.models import Outcome
from sandbox_service.sandboxes import Box
from sandbox_service.sandboxes.contract import Command, File
from tests.contract.conftest import Run, limits, open_tier

# Its own in each process of tests, for suites of other tiers may run beside this one.
MARK = f"sandbox-contract-mark-{os.getpid()}-"


def marked_processes() -> list[int]:
    """The processes on this machine whose environment holds the mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if MARK.encode() in (path / "environ").read_bytes():
                found.append(int(path.name))
        except OSError:
            continue
    return found


def run_marked(box: Box, source: str) -> object:
    command = Command(("python3", "main.py"), {"main.py": File(source.encode())}, {"MARK": MARK})
    return box.run(command, limits())


DAEMON = "import os, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(60)"


@pytest.mark.parametrize(
    "source",
    [
        DAEMON,
        "import os\nfor _ in range(200):\n    if not os.fork(): os._exit(0)",
        "import os, time\nos.setpgid(0, 0) if os.fork() else time.sleep(60)",
        "import ctypes, os, time\nctypes.CDLL(None).prctl(36, 1)\nif not os.fork():\n    if not os.fork(): time.sleep(60)\n    os._exit(0)",
        "import os, time\nif not os.fork():\n    while True:\n        if os.fork(): os._exit(0)\ntime.sleep(0.2)",
    ],
    ids=["daemon", "zombies", "other group", "subreaper", "forks and exits"],
)
def test_no_process_outlives_its_run(box: Box, source: str) -> None:
    run_marked(box, source)

    assert marked_processes() == []


def test_a_daemon_that_holds_the_output_open_delays_nothing(run: Run) -> None:
    began = time.monotonic()

    execution = run("import os, time\nprint('answer', flush=True)\nif not os.fork(): time.sleep(60)", wall_seconds=30)

    assert (execution.stdout, execution.outcome) == (b"answer\n", Outcome.EXITED)
    assert time.monotonic() - began < 20


def test_no_file_outlives_its_run(run: Run) -> None:
    places = "['.', '/tmp', '/dev/shm', '/var/tmp', '/run/lock', '/box', os.environ['TMPDIR'], os.environ['HOME']]"
    run(f"import os\nfor p in {places}:\n    try: open(p + '/{MARK}', 'w').write('x')\n    except OSError: pass")

    found = run(f"import os\nfor p in {places}:\n    print(os.path.exists(p + '/{MARK}'))")

    assert set(found.stdout.split()) == {b"False"}
    assert not any(os.path.exists(f"{place}/{MARK}") for place in ("/tmp", "/dev/shm", "/var/tmp", "/run/lock"))


def test_only_the_scratch_directory_can_be_written(run: Run) -> None:
    source = (
        "import os\nplaces = set()\n"
        "for root, names, _ in os.walk('/'):\n"
        "    names[:] = [n for n in names if not os.path.islink(os.path.join(root, n))][:60] if root != '/proc' else []\n"
        "    if root.count('/') > 4: names[:] = []\n"
        "    try: open(root + '/probe', 'w').close(); places.add(root)\n"
        "    except OSError: pass\n"
        "here = os.path.dirname(os.getcwd())\n"
        "print(sorted(p for p in places if not p.startswith(here)))"
    )

    assert run(source, cpu_seconds=10, wall_seconds=30).stdout == b"[]\n"


@pytest.mark.parametrize(
    "litter",
    [
        "import os\nfor _ in range(3000):\n    os.mkdir('d'); os.chdir('d')",
        "import os\nos.makedirs('a/b/c'); open('a/b/f', 'w'); os.chmod('a/b', 0); os.chmod('a', 0)",
        "import os\nos.mkfifo('pipe'); os.symlink('/', 'root'); os.link('main.py', 'hard')\n"
        "import socket\ntry: socket.socket(socket.AF_UNIX).bind('sock')\nexcept OSError: pass",
        "import os\nfor n in ('-rf', 'a\\nb', '\\udcff', 'x' * 255, '\U0001f600'): open(n, 'w')",
        "import os\nos.chmod('.', 0); os.chmod('main.py', 0o4755)",
        "for n in range(5000): open(f'f{n}', 'w').close()",
    ],
    ids=["deep", "forbidden", "not regular", "odd names", "closed", "many"],
)
def test_any_litter_is_cleared_away(run: Run, litter: str) -> None:
    run(litter)

    assert run("import os; print(os.listdir('.'), oct(os.stat('.').st_mode))").stdout == b"['main.py'] 0o40700\n"


def test_state_of_the_kernel_does_not_travel(run: Run) -> None:
    run(
        "import os, resource, signal, time\nos.umask(0o777); os.nice(5)\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))\nos.set_blocking(0, False); os.set_blocking(1, False)"
    )

    pristine = run(
        "import os, resource, signal\nm = os.umask(0)\n"
        "print(oct(m), os.nice(0), signal.pthread_sigmask(signal.SIG_BLOCK, ()), "
        "resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 16, os.get_blocking(0), os.get_blocking(1))"
    )

    assert pristine.stdout == f"0o22 {os.nice(0)} set() True True True\n".encode()


def test_abstract_sockets_do_not_reach_another_box(box: Box) -> None:
    listen = (
        "import socket, time\ns = socket.socket(socket.AF_UNIX); s.bind('\\0mark'); s.listen(); print(1, flush=True)"
    )
    run_marked(box, listen + "; time.sleep(1)")

    reach = run_marked(
        box,
        "import socket\ntry: socket.socket(socket.AF_UNIX).connect('\\0mark'); print('reached')\nexcept OSError: print('no')",
    )

    assert reach.stdout == b"no\n"  # type: ignore[attr-defined]


def test_the_randomness_of_two_runs_differs(run: Run) -> None:
    source = "import random, os, uuid; print(random.random(), os.urandom(8), uuid.uuid4(), hash('x'))"

    assert run(source).stdout != run(source).stdout


def test_many_runs_leave_no_descriptor_behind(box: Box, run: Run) -> None:
    run("pass")
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(20):
        run("pass", collect=("main.py",))

    assert len(os.listdir("/proc/self/fd")) == before


def test_a_closed_box_leaves_nothing(box: Box, tmp_path: Path) -> None:
    def traces() -> set[str]:
        groups = {str(path) for path in Path("/sys/fs/cgroup").glob(f"**/sandbox-service.{os.getpid()}.*")}
        mounts = {line for line in Path("/proc/mounts").read_text().splitlines() if "sandbox-box" in line}
        return groups | mounts | {str(path) for path in Path("/tmp").glob(f"sandbox-box.{os.getpid()}.*")}

    before = traces()
    another = open_tier(box.isolation.tier)
    another.run(Command(("true",)), limits())

    another.close()
    another.close()

    assert traces() == before
