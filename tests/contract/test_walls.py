"""A program reaches nothing: no network, no other process, no secret, no privilege."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox_service.inside.worlds import DIRECTORY
from sandbox_service.models import Outcome
from sandbox_service.sandboxes import Box
from sandbox_service.sandboxes.contract import Command, File
from tests.contract.conftest import Run, limits, open_tier

CANARY = "canary-" + "7f3a" * 8
CTYPES = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\ndef call(*a):\n    r = libc.syscall(*a); return (r, ctypes.get_errno())\n"


@pytest.fixture
def canaries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Secrets where a service keeps them: its environment, a file, a socket on the loopback, an abstract socket."""
    monkeypatch.setenv("CANARY", CANARY)
    secret = tmp_path / "canary"
    secret.write_text(CANARY)
    secret.chmod(0o644)
    tmp_path.chmod(0o755)
    listener = socket.create_server(("127.0.0.1", 0))
    local = socket.socket(socket.AF_UNIX)
    # The machine has one space of these names, and suites of other tiers may run beside this one.
    abstract = f"\0{CANARY}-{os.getpid()}"
    local.bind(abstract)
    local.listen()
    path = str(tmp_path / "s")
    named = socket.socket(socket.AF_UNIX)
    named.bind(path)
    os.chmod(path, 0o777)
    named.listen()
    yield [str(secret), str(listener.getsockname()[1]), path, abstract]
    for opened in (listener, local, named):
        opened.close()


# ---------------------------------------------------------------- network


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "127.1"])
def test_the_services_own_port_is_out_of_reach(run: Run, canaries: list[str], address: str) -> None:
    source = f"import socket\ntry: socket.create_connection(({address!r}, {canaries[1]}), 1); print('connected')\nexcept OSError as e: print('no')"

    assert run(source).stdout == b"no\n"


@pytest.mark.parametrize("canary", [pytest.param(2, id="path"), pytest.param(3, id="abstract")])
def test_local_sockets_of_the_service_are_out_of_reach(run: Run, canaries: list[str], canary: int) -> None:
    source = f"import socket\ntry: socket.socket(socket.AF_UNIX).connect({canaries[canary]!r}); print('connected')\nexcept OSError: print('no')"

    assert run(source).stdout == b"no\n"


def test_no_socket_of_any_other_family_can_be_made(run: Run) -> None:
    source = "import socket\nfor family in range(2, 46):\n  for kind in (1, 2, 3, 5):\n    try: socket.socket(family, kind); print(family, kind)\n    except OSError: pass"

    assert run(source).stdout == b""


def test_a_pair_of_connected_sockets_is_allowed(run: Run) -> None:
    assert run("import socket; a, b = socket.socketpair(); a.send(b'x'); print(b.recv(1))").stdout == b"b'x'\n"


# ---------------------------------------------------------------- files and secrets


def test_files_of_the_service_cannot_be_read(run: Run, canaries: list[str]) -> None:
    source = f"for p in ({canaries[0]!r}, '/etc/shadow', '/root', '/home', '/var/run', '/run/secrets', '/sys', '/proc/1/environ', '/proc/1/mem', '/proc/1/maps'):\n    import os\n    try: print(p, os.listdir(p) if os.path.isdir(p) else open(p).read())\n    except OSError: pass"

    assert run(source).stdout == b""


def test_no_process_of_the_machine_gives_anything_away(run: Run, canaries: list[str]) -> None:
    source = (
        "import os\n"
        f"pids = range(1, 4000) if os.path.exists('/proc/1') else []\nworker = {os.getpid()}\n"
        "for pid in [*pids, worker]:\n"
        "  if pid == int(os.readlink('/proc/self')): continue\n"
        "  for name in ('environ', 'mem', 'maps', 'cmdline', 'stack', 'syscall', 'root/etc/shadow', 'cwd/canary'):\n"
        "    try: content = open(f'/proc/{pid}/{name}', 'rb').read(1 << 20)\n"
        "    except OSError: continue\n"
        "    if content and (name != 'cmdline' or pid == worker): print(pid, name)\n"
        "  try:\n    print(pid, os.listdir(f'/proc/{pid}/fd'))\n  except OSError: pass\n"
    )

    assert run(source, cpu_seconds=8, wall_seconds=30).stdout == b""


def test_the_program_holds_its_three_descriptors_and_no_other(run: Run) -> None:
    source = "import os\nfor n in range(4096):\n    try: os.fstat(n); print(n)\n    except OSError: pass"

    assert run(source).stdout == b"0\n1\n2\n"


def test_the_programs_memory_holds_nothing_of_the_service(run: Run, canaries: list[str]) -> None:
    half = len(CANARY) // 2
    source = (
        f"needle = {CANARY[:half]!r}.encode() + {CANARY[half:]!r}.encode()\nimport re\n"
        "memory = open('/proc/self/mem', 'rb', 0)\nhits = 0\n"
        "for line in open('/proc/self/maps'):\n"
        "    m = re.match(r'(\\w+)-(\\w+) r', line)\n"
        "    if not m or '[v' in line: continue\n"
        "    a, b = (int(x, 16) for x in m.groups())\n"
        "    try: memory.seek(a); block = memory.read(b - a)\n"
        "    except (OSError, OverflowError, ValueError): continue\n"
        "    hits += block.count(needle) > 0 and id(needle) not in range(a, b)\n"
        "print('found' if hits > 1 else 'nothing')"
    )

    assert run(source, cpu_seconds=5).stdout == b"nothing\n"


def test_two_boxes_do_not_see_each_other(box: Box, run: Run) -> None:
    other = open_tier(box.isolation.tier)
    try:
        started = threading.Event()
        result = []

        def keep_busy() -> None:
            started.set()
            source = b"import time\nopen('mark', 'w').write('secret')\ntry: open('/dev/shm/mark', 'w')\nexcept OSError: pass\ntime.sleep(1.5)"
            result.append(other.run(Command(("python3", "-u", "main.py"), {"main.py": File(source)}), limits()))

        thread = threading.Thread(target=keep_busy)
        thread.start()
        started.wait()
        time.sleep(0.5)
        look = (
            "import os, glob\n"
            "def listing(p):\n    try: return os.listdir(p)\n    except OSError: return []\n"
            "print('mark' in listing('/dev/shm'), "
            f"glob.glob('/tmp/*{DIRECTORY}/mark'), glob.glob('../../../*{DIRECTORY}/*'))"
        )
        seen = run(look).stdout
        thread.join()
    finally:
        other.close()

    assert seen == b"False [] []\n"
    assert result[0].exit_code == 0


@pytest.mark.only("namespaces", "landlock")  # a container is no child of this process
def test_the_parent_of_the_programs_never_held_a_secret(box: Box, canaries: list[str]) -> None:
    def family(pid: int) -> list[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *(p for child in children for p in family(int(child)))]

    before = set(family(os.getpid()))
    another = open_tier(box.isolation.tier)
    try:
        members = set(family(os.getpid())) - before
        assert members
        for pid in members:
            try:
                assert CANARY not in Path(f"/proc/{pid}/environ").read_text()
                links = {os.readlink(path) for path in Path(f"/proc/{pid}/fd").iterdir()}
            except PermissionError:  # closed even to us, as we are not root
                continue
            assert all(link.startswith(("socket:", "/dev/null", "/proc", "anon_inode:", "/")) for link in links)
            assert sum(link.startswith("socket:") for link in links) <= 2, (
                "one link to the worker, and one between the two of them"
            )
            assert not any("canary" in link for link in links)
    finally:
        another.close()


# ---------------------------------------------------------------- privilege


def test_the_program_is_nobody_and_can_do_nothing(run: Run) -> None:
    source = (
        "import os\nstatus = {k: v.strip() for k, _, v in (l.partition(':') for l in open('/proc/self/status'))}\n"
        "print(os.getuid() != 0, os.getgroups() in ([], [os.getgid()], [65534]), int(status['CapEff'], 16), int(status['CapPrm'], 16), "
        "status['NoNewPrivs'], status['Seccomp'])"
    )

    assert run(source).stdout == b"True True 0 0 1 2\n"


@pytest.mark.parametrize("program", ["su", "mount", "passwd", "chsh", "newgrp", "umount"])
def test_programs_of_other_owners_lend_no_rights(box: Box, program: str) -> None:
    source = f"import os, shutil, subprocess\np = shutil.which({program!r}, path='/bin:/usr/bin')\nif p: subprocess.run([p, '-c', 'id'], stdin=subprocess.DEVNULL, timeout=5)"

    execution = box.run(Command(("python3", "main.py"), {"main.py": File(source.encode())}), limits())

    assert b"uid=0" not in execution.stdout


REFUSED_CALLS = {
    "ptrace": "101, 0, 1, 0, 0", "process_vm_readv": "310, 1, 0, 0, 0, 0, 0", "mount": "165, 0, 0, 0, 0, 0",
    "umount2": "166, b'/proc', 2", "pivot_root": "155, b'/', b'/'", "chroot": "161, b'/'", "unshare user": "272, 0x10000000",
    "clone user": "56, 0x10000011, 0, 0, 0, 0", "setns": "308, 0, 0", "bpf": "321, 0, 0, 0", "perf_event_open": "298, 0, 0, -1, -1, 0",
    "userfaultfd": "323, 0", "keyctl": "250, 0, -3, 0", "add_key": "248, b'user', b'x', b'y', 1, -3", "kexec_load": "246, 0, 0, 0, 0",
    "init_module": "175, 0, 0, 0", "io_uring_setup": "425, 1, 0", "open_by_handle_at": "304, 0, 0, 0", "name_to_handle_at": "303, -100, b'/', 0, 0, 0",
    "modify_ldt": "154, 0, 0, 0", "personality": "135, 0x0400000", "quotactl": "179, 0, 0, 0, 0", "reboot": "169, 0, 0, 0, 0",
    "settimeofday": "164, 0, 0", "syslog": "103, 3, 0, 0", "acct": "163, 0", "swapon": "167, 0, 0", "iopl": "172, 3",
    "memfd_create": "319, b'x', 0", "shmget": "29, 0, 4096, 0o1600", "msgget": "68, 0, 0o1600", "semget": "64, 0, 1, 0o1600",
    "setxattr": "188, b'main.py', b'user.x', b'y', 1, 0", "kcmp": "312, 1, 1, 0, 0, 0", "seccomp": "317, 1, 8, 0",
    "setuid": "105, 0", "setgroups": "116, 0, 0", "fsopen": "430, b'tmpfs', 0", "move_mount": "429, -100, b'/', -100, b'/', 0",
    "x32 getpid": "0x40000000 | 39",
}  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="needs x86_64 call numbers")
@pytest.mark.parametrize("call", REFUSED_CALLS, ids=REFUSED_CALLS)
def test_the_kernels_dangerous_calls_are_refused(run: Run, call: str) -> None:
    execution = run(f"{CTYPES}print(*call({REFUSED_CALLS[call]}))")

    if execution.signal == signal.SIGSYS:  # refused for good, by the filter of a container around us
        return
    result, error = execution.stdout.split()
    assert int(result) == -1
    assert int(error) in (1, 22, 38), "EPERM, ENOSYS, or EINVAL for a user that its namespace does not know"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="needs x86_64 instructions")
def test_the_other_door_to_the_kernel_is_shut(run: Run) -> None:
    execution = run(
        "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(bytes.fromhex('b814000000cd80c3'))\n"
        "f = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))\nprint(f())"
    )

    assert execution.outcome == Outcome.SIGNALLED or int(execution.stdout) < 0, "no pid came back"


@pytest.mark.parametrize(
    "path",
    [
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/proc/self/oom_score_adj",
        "/dev/kmsg",
        "/dev/mem",
        "/sys/fs/cgroup/cgroup.procs",
    ],
)
def test_levers_of_the_kernel_cannot_be_pulled(run: Run, path: str) -> None:
    source = f"try: open({path!r}, 'w').write('-1000'); print('written')\nexcept OSError: print('no')"

    assert run(source).stdout == b"no\n"


# ---------------------------------------------------------------- signals to others


@pytest.mark.parametrize("target", ["1", "os.getppid()", "WORKER", "-1", "0"])
def test_signals_reach_only_the_runs_own_processes(run: Run, target: str) -> None:
    source = f"import os, signal\nWORKER = {os.getpid()}\nsignal.signal(signal.SIGTERM, lambda *a: None)\ntry: os.kill({target}, signal.SIGTERM)\nexcept OSError: pass\ntry: os.kill({target}, signal.SIGKILL)\nexcept OSError: pass\nprint('alive')"

    execution = run(source)

    assert execution.outcome in (Outcome.EXITED, Outcome.SIGNALLED)
    assert run("print('next')").stdout == b"next\n"


def test_a_program_may_signal_its_own_child(run: Run) -> None:
    source = "import subprocess\np = subprocess.Popen(['sleep', '60']); p.kill(); print(p.wait())"

    assert run(source).stdout == b"-9\n"


# ---------------------------------------------------------------- what honest programs need


HONEST = {
    "threads": "import threading; t = threading.Thread(target=print, args=('ok',)); t.start(); t.join()",
    "subprocess": "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(\"ok\")'])",
    "temporary file": "import tempfile\nwith tempfile.TemporaryFile() as f: f.write(b'x')\nwith tempfile.NamedTemporaryFile() as f: print('ok')",
    "deep recursion": "import sys, threading\nsys.setrecursionlimit(10**6); threading.stack_size(128 << 20)\ndef f(n): return n and f(n - 1)\nt = threading.Thread(target=lambda: print('ok' if f(20000) == 0 else '')); t.start(); t.join()",
    "alarm": "import signal, time\nsignal.signal(signal.SIGALRM, lambda *a: print('ok')); signal.setitimer(signal.ITIMER_REAL, 0.01); time.sleep(0.1)",
    "unicode": "print('ok' if 'é✓' .encode() == bytes([0xc3, 0xa9, 0xe2, 0x9c, 0x93]) and not print(end='') else '')",
    "event loop": "import asyncio; asyncio.run(asyncio.sleep(0)); print('ok')",
    "own user": "import os, pwd; os.path.expanduser('~'); print('ok')",
    "process pool of threads": "from concurrent.futures import ThreadPoolExecutor as P\nwith P(2) as p: print(*p.map(str, ['ok']))",
}  # fmt: skip


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_program_is_not_hindered(run: Run, kind: str) -> None:
    execution = run(HONEST[kind], processes=64)

    assert execution.stdout == b"ok\n", execution.stderr.decode()


@pytest.mark.only("namespaces")
def test_multiprocessing_works(run: Run) -> None:
    source = "from multiprocessing import Pool\nif __name__ == '__main__':\n    with Pool(2) as p: print(sum(p.map(abs, [-1, -2])))"

    execution = run(source, processes=64)

    assert execution.stdout == b"3\n", execution.stderr.decode()
