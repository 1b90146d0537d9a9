"""Limits hold: time, memory, output, processes, files and disk, for the whole tree."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox_service.inside.protocol import WALL_STRETCH
from sandbox_service.models import Outcome
from tests.contract.conftest import MIB, PATIENCE, Run

SPIN = "\nwhile True: pass\n"


# ---------------------------------------------------------------- time


def test_a_busy_loop_runs_out_of_time(run: Run) -> None:
    execution = run(SPIN, cpu_seconds=0.5)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert 0.5 <= execution.cpu_seconds <= 0.7


def test_sleeping_runs_out_of_wall_time(run: Run) -> None:
    execution = run("import time; time.sleep(100)", wall_seconds=0.5 * PATIENCE)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert execution.cpu_seconds < 0.3 * PATIENCE


@pytest.mark.parametrize(
    "idle",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
        "import os; r, w = os.pipe(); os.read(r, 1)",
        "import signal; signal.pause()",
        "import signal; signal.sigwait([signal.SIGUSR1])",
    ],
)
def test_every_way_of_idling_ends_at_the_wall(run: Run, idle: str) -> None:
    assert run(idle, wall_seconds=0.5).outcome == Outcome.OUT_OF_TIME


@pytest.fixture
def no_core_is_free() -> Iterator[None]:
    """Busy loops of sessions of their own, each of which the kernel gives as much as it gives the program."""
    loops = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(4 * len(os.sched_getaffinity(0)))
    ]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


@pytest.mark.usefixtures("no_core_is_free")
def test_time_without_a_core_is_no_wall_time(run: Run) -> None:
    # Five share a core: it takes three times the wall limit, and more beside other tests.
    computes = f"import time\nwhile time.process_time() < {0.3 * PATIENCE}: pass"
    limit = 0.5 * PATIENCE

    execution = run(computes, cpu_seconds=10 * PATIENCE, wall_seconds=limit)

    assert execution.wall_seconds > limit, "there was a core"
    if execution.outcome != Outcome.EXITED:
        assert execution.outcome == Outcome.OUT_OF_TIME
        assert execution.wall_seconds >= WALL_STRETCH * limit, "it was ended before the stretch was over"


@pytest.mark.usefixtures("no_core_is_free")
def test_one_that_sleeps_waits_for_no_core(run: Run) -> None:
    execution = run("import time; time.sleep(100)", wall_seconds=0.5 * PATIENCE)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert execution.wall_seconds < WALL_STRETCH * 0.5 * PATIENCE


def test_signal_handlers_do_not_help(run: Run) -> None:
    source = (
        "import signal\nfor s in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    try: signal.signal(s, lambda *a: None)\n    except OSError: pass\nsignal.alarm(0)" + SPIN
    )

    assert run(source, cpu_seconds=0.5).outcome == Outcome.OUT_OF_TIME


def test_threads_share_one_budget(run: Run) -> None:
    source = "import hashlib, threading\ndef f():\n while True: hashlib.sha256(bytes(1 << 20))\nfor _ in range(4): threading.Thread(target=f).start()"

    execution = run(source, cpu_seconds=0.5)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert execution.cpu_seconds <= 0.9


def test_children_nobody_waits_for_are_counted(run: Run) -> None:
    source = "import os, time\nfor _ in range(3):\n    if not os.fork():\n        while True: pass\ntime.sleep(100)"

    execution = run(source, cpu_seconds=0.5, wall_seconds=10)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert 0.45 <= execution.cpu_seconds <= 1.0


def test_an_orphan_in_a_session_of_its_own_is_counted(run: Run) -> None:
    source = "import os, time\nif not os.fork():\n    os.setsid()\n    if not os.fork():\n        while True: pass\n    os._exit(0)\ntime.sleep(100)"

    execution = run(source, cpu_seconds=0.5, wall_seconds=10)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert execution.cpu_seconds >= 0.45


def test_a_chain_of_short_lived_processes_is_counted(run: Run) -> None:
    source = "import os, time\nwhile True:\n    if os.fork(): os.wait(); continue\n    end = time.process_time() + 0.1\n    while time.process_time() < end: pass\n    os._exit(0)"

    execution = run(source, cpu_seconds=0.6, wall_seconds=10)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert 0.5 <= execution.cpu_seconds <= 1.0


def test_children_that_are_never_reaped_are_counted(run: Run) -> None:
    source = "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n    if not os.fork():\n        end = time.process_time() + 0.1\n        while time.process_time() < end: pass\n        os._exit(0)\n    try: os.wait()\n    except ChildProcessError: pass"

    execution = run(source, cpu_seconds=0.6, wall_seconds=60)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert execution.cpu_seconds >= 0.45


def test_burning_between_the_ticks_is_counted(run: Run) -> None:
    source = "import time\nwhile True:\n    end = time.perf_counter() + 0.0025\n    while time.perf_counter() < end: pass\n    time.sleep(0.0005)"

    execution = run(source, cpu_seconds=0.5, wall_seconds=10)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert 0.5 <= execution.cpu_seconds <= 0.7


def test_time_in_the_kernel_is_counted(run: Run) -> None:
    execution = run("import os\nwhile True: os.getrandom(1 << 16)", cpu_seconds=0.5)

    assert execution.outcome == Outcome.OUT_OF_TIME
    assert execution.cpu_seconds >= 0.5


# ---------------------------------------------------------------- memory


@pytest.mark.parametrize(
    "grow",
    [
        "x = bytearray(600 << 20)",
        "import mmap; m = mmap.mmap(-1, 600 << 20)\nfor i in range(0, 600 << 20, 4096): m[i] = 1",
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
        "x = bytearray(600 << 20); del x\nimport time; time.sleep(1)",
    ],
    ids=["at once", "shared mapping", "bit by bit", "and given back"],
)
def test_touching_more_than_the_limit_runs_out_of_memory(run: Run, grow: str) -> None:
    assert run(grow, cpu_seconds=4 * PATIENCE, wall_seconds=12 * PATIENCE).outcome == Outcome.OUT_OF_MEMORY


def test_the_limit_is_for_all_processes_together(run: Run) -> None:
    source = f"import os, time\nfor _ in range(6):\n    if not os.fork():\n        x = bytearray(80 << 20); time.sleep({3 * PATIENCE}); os._exit(0)\ntime.sleep({3 * PATIENCE})"

    assert run(source, cpu_seconds=4 * PATIENCE, wall_seconds=12 * PATIENCE).outcome == Outcome.OUT_OF_MEMORY


def test_a_child_that_runs_out_is_noticed_though_its_parent_goes_on(run: Run) -> None:
    source = "import os\nif not os.fork():\n    x = bytearray(600 << 20)\n    os._exit(0)\nos.wait(); print('fine')"

    assert run(source, cpu_seconds=4 * PATIENCE, wall_seconds=12 * PATIENCE).outcome == Outcome.OUT_OF_MEMORY


def test_the_peak_cannot_be_reset(run: Run) -> None:
    source = "x = bytearray(150 << 20); del x\ntry:\n    open('/proc/self/clear_refs', 'w').write('5')\nexcept OSError: print('denied')"

    execution = run(source)

    assert execution.memory_bytes >= 150 * MIB


def test_a_fresh_image_does_not_hide_the_peak(run: Run) -> None:
    source = "import os\nx = bytearray(150 << 20)\nos.execv('/bin/true', ['true'])"

    assert run(source).memory_bytes >= 150 * MIB


def test_reserved_but_untouched_memory_is_free(run: Run) -> None:
    source = (
        "import mmap\nm = mmap.mmap(-1, 16 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)\nprint('ok')"
    )

    assert run(source).stdout == b"ok\n"


@pytest.mark.only("namespaces")
def test_scratch_files_in_memory_are_counted(run: Run) -> None:
    execution = run("open('big', 'wb').write(bytes(40 << 20)); import time; time.sleep(0.1)")

    assert execution.memory_bytes >= 40 * MIB


@pytest.mark.parametrize(
    "call", ["memfd_create(b'x', 0)", "shmget(0, 4096, 0o1600)", "mq_open(b'/x', 0o102, 0o600, 0)"]
)
def test_memory_outside_the_tree_cannot_be_had(run: Run, call: str) -> None:
    library = "librt.so.1" if "mq_open" in call else "libc.so.6"

    execution = run(f"import ctypes; print(ctypes.CDLL({library!r}, use_errno=True).{call}, ctypes.get_errno())")

    assert execution.stdout.split()[0] == b"-1"


# ---------------------------------------------------------------- output


def test_a_flood_of_output_is_ended(run: Run) -> None:
    execution = run("while True: print('x' * 1000)", output_bytes=100_000)

    assert execution.outcome == Outcome.OUT_OF_OUTPUT
    assert len(execution.stdout) == 100_000
    assert execution.stdout_truncated


def test_the_cap_is_exact(run: Run) -> None:
    source = "import sys; sys.stdout.write('x' * int(input()))"

    at_the_cap = run(source, stdin=b"100000", output_bytes=100_000)
    one_more = run(source, stdin=b"100001", output_bytes=100_000)

    assert (at_the_cap.outcome, at_the_cap.stdout_truncated) == (Outcome.EXITED, False)
    assert (one_more.outcome, one_more.stdout_truncated) == (Outcome.OUT_OF_OUTPUT, True)


def test_a_flood_of_errors_is_drained_and_marked(run: Run) -> None:
    execution = run("import sys\nsys.stderr.write('x' * 5_000_000); print('fine')", output_bytes=100_000)

    assert (execution.outcome, execution.stdout) == (Outcome.EXITED, b"fine\n")
    assert (len(execution.stderr), execution.stderr_truncated) == (100_000, True)


def test_both_pipes_full_is_no_deadlock(run: Run) -> None:
    source = "import sys\nfor _ in range(8):\n    sys.stdout.write('o' * 65536); sys.stdout.flush(); sys.stderr.write('e' * 65536)"

    execution = run(source)

    assert (len(execution.stdout), len(execution.stderr)) == (8 * 65536, 8 * 65536)


def test_one_cap_for_all_descriptors_of_the_output(run: Run) -> None:
    source = "import os\nf = open('/proc/self/fd/1', 'wb'); d = os.dup(1)\nwhile True: f.write(bytes(1000)); os.write(d, bytes(1000))"

    assert run(source, output_bytes=100_000).outcome == Outcome.OUT_OF_OUTPUT


# ---------------------------------------------------------------- processes, files, disk


@pytest.mark.parametrize(
    "bomb", ["import os\nwhile True: os.fork()", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"]
)
def test_a_fork_bomb_stays_inside(run: Run, bomb: str) -> None:
    execution = run(bomb, cpu_seconds=1, wall_seconds=3)

    assert execution.outcome != Outcome.EXITED or execution.exit_code != 0
    assert run("print('next')").stdout == b"next\n"


def test_threads_are_bounded(run: Run) -> None:
    source = "import threading, time\ntry:\n    for n in range(1000): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()\nexcept RuntimeError: print(n)"

    execution = run(source, processes=20)

    if execution.outcome == Outcome.EXITED:
        assert int(execution.stdout) <= 20
    else:
        assert execution.outcome == Outcome.SIGNALLED


@pytest.mark.parametrize(
    "write",
    [
        "import os; f = os.open('f', 66); os.ftruncate(f, 1 << 50)",
        "f = open('f', 'wb')\nfor _ in range(1000): f.write(bytes(1 << 20))",
        "import os; os.posix_fallocate(os.open('f', 66), 0, 1 << 40)",
    ],
)
def test_no_file_grows_beyond_the_limit(run: Run, write: str) -> None:
    execution = run(write, file_bytes=8 * MIB)

    assert (execution.exit_code, execution.signal) != (0, None)


def test_the_disk_is_bounded_as_a_whole(run: Run) -> None:
    source = "import time\nfor n in range(200):\n    open(f'f{n}', 'wb').write(bytes(1 << 20))\n    time.sleep(0.005)\nprint('all written')"

    execution = run(source, file_bytes=20 * MIB)

    assert b"all written" not in execution.stdout


def test_the_number_of_files_is_bounded(run: Run) -> None:
    source = "import time\nfor n in range(200_000):\n    open(f'f{n}', 'w').close()\nprint('all made')"

    execution = run(source, cpu_seconds=8, wall_seconds=20)

    assert b"all made" not in execution.stdout
    assert run("import os; print(os.listdir())").stdout == b"['main.py']\n"


def test_limits_cannot_be_raised(run: Run) -> None:
    source = "import resource\nfor kind in (resource.RLIMIT_NPROC, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):\n    try: resource.setrlimit(kind, (-1, -1)); print('raised')\n    except (OSError, ValueError): pass"

    assert run(source).stdout == b""
