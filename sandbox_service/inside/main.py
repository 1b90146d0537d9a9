"""The init of a box: it enters its world, then runs one command after another until the worker is gone."""

import os
import resource
import select
import signal
import socket
import sys
import time

from sandbox_service.inside import kernel, protocol, scratch, tree
from sandbox_service.inside.worlds import World, enter

# The kill comes a little after the limit, so that a program near it can end by itself and be run again.
CPU_GRACE = 1.08
_STACK_BYTES = 256 * 2**20
_OPEN_FILES = 512
_CORES = len(os.sched_getaffinity(0))
_SHORTEST_LOOK_SECONDS = 0.005
_LOOK_SECONDS = 0.02
_BUNDLE, _STDIN, _STDOUT, _STDERR, _CGROUP = 0, 1, 2, 3, 4


def main(descriptor: int) -> None:
    """Serve the worker at the other end of the descriptor."""
    kernel.stop_ignoring_signals()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a worker that is gone is seen by the answer of the call
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    link = socket.socket(fileno=descriptor)
    link.set_inheritable(False)
    setup, _ = protocol.receive(link)
    if setup is None:
        return
    try:
        world = enter(setup)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    except (OSError, RuntimeError) as error:
        protocol.send(link, {"failure": str(error)})
        return
    protocol.send(link, {"layers": world.layers, "directory": world.directory})
    while True:
        run, descriptors = protocol.receive(link)
        if run is None:
            world.end_all()
            world.empty()
            return
        if "stop" in run:  # it crossed the report of a run that had ended by itself
            continue
        _serve(link, world, setup, run, descriptors)


def _serve(link: socket.socket, world: World, setup: protocol.Setup, run: protocol.Run, given: list[int]) -> None:
    try:
        world.freshen(run["file_bytes"])
        scratch.lay(given[_BUNDLE], world.directory, setup["uid"])
        with scratch.opened(world.directory) as directory:
            report = _run(link, world, setup, run, given)
            bundle = []
            if run["collect"]:
                bundle.append(scratch.collect(directory, run["collect"], run["most_files"], run["file_bytes"]))
    except (OSError, RuntimeError) as error:
        protocol.send(link, {"failure": f"{type(error).__name__}: {error}"})
        os._exit(1)
    finally:
        for descriptor in given:
            os.close(descriptor)
    world.empty()
    protocol.send(link, report, bundle)
    for descriptor in bundle:
        os.close(descriptor)


def _run(
    link: socket.socket, world: World, setup: protocol.Setup, run: protocol.Run, given: list[int]
) -> protocol.Report:
    told, tell = os.pipe2(os.O_CLOEXEC)
    began = time.monotonic()
    main_pid = os.fork()
    if not main_pid:
        _become_program(world, setup, run, given, tell)
    os.close(tell)
    for descriptor in given[_STDIN:_CGROUP]:
        os.close(descriptor)
    cpu_counter = given[_CGROUP] if run["has_cgroup"] else None
    del given[_STDIN:_CGROUP]
    cpu_before_program = _await_start(told, main_pid)
    usage = tree.Usage()
    stopped = _watch(link, world, run, main_pid, began, usage, cpu_counter)
    world.end_all()
    wall_seconds = time.monotonic() - began
    if not world.scratch_on_disk:
        usage.memory_bytes = max(usage.memory_bytes, world.scratch_use()[0])
    reaped = tree.reap(main_pid)
    if reaped.wait_status is None:
        raise RuntimeError("the main process was lost")
    if cpu_counter is None:
        cpu_seconds = max(reaped.cpu_seconds - cpu_before_program, usage.cpu_seconds)
    else:
        cpu_seconds = _read_counter(cpu_counter)
    return protocol.Report(
        wait_status=reaped.wait_status,
        stopped=stopped,
        cpu_seconds=cpu_seconds,
        wall_seconds=wall_seconds,
        memory_bytes=max(reaped.memory_bytes, usage.memory_bytes),
    )


def _await_start(told: int, main_pid: int) -> float:
    """The CPU the child used before it became the program; walls that would not stand are our failure."""
    with os.fdopen(told, "rb") as file:
        said = file.read().decode()
    if said.startswith("ready "):
        return float(said.split()[1])
    os.waitpid(main_pid, 0)
    raise RuntimeError(f"the walls could not be put up: {said or 'the child died'}")


def _watch(
    link: socket.socket,
    world: World,
    run: protocol.Run,
    main_pid: int,
    began: float,
    usage: tree.Usage,
    cpu_counter: int | None,
) -> str | None:
    """Wait for the main process to end; the reason why it must be ended, if it must."""
    pidfd = os.pidfd_open(main_pid)
    poller = select.poll()
    poller.register(pidfd, select.POLLIN)
    poller.register(link, select.POLLIN)
    cpu_limit = run["cpu_seconds"] * CPU_GRACE
    cpu_look_at = began + cpu_limit / _CORES
    looks = cpu_counter is None or world.scratch_on_disk
    try:
        while True:
            now = time.monotonic()
            wall_left = began + run["wall_seconds"] - now
            if wall_left <= 0:
                return "wall"
            pause = min(wall_left, cpu_look_at - now, _LOOK_SECONDS if looks else wall_left)
            # Rounded up: poll counts in milliseconds, and none of them would make this a busy loop.
            ready = poller.poll(max(1, int(pause * 1000 + 0.999)))
            if any(descriptor == pidfd for descriptor, _ in ready):
                return None
            if ready:
                message, _ = protocol.receive(link)
                if message is None:  # the worker is gone, so is the sense of this run
                    world.end_all()
                    os._exit(0)
                return str(message["stop"])
            if looks and (exceeded := _look(world, run, usage, cpu_counter is None)):
                return exceeded
            if time.monotonic() >= cpu_look_at:
                cpu_seconds = usage.cpu_seconds if cpu_counter is None else _read_counter(cpu_counter)
                if cpu_seconds >= cpu_limit:
                    return "cpu"
                cpu_look_at = time.monotonic() + max(_SHORTEST_LOOK_SECONDS, (cpu_limit - cpu_seconds) / _CORES)
    finally:
        os.close(pidfd)


def _look(world: World, run: protocol.Run, usage: tree.Usage, processes_too: bool) -> str | None:
    """See to the limits that no kernel mechanism holds here."""
    scratch_bytes, scratch_files = world.scratch_use()
    if world.scratch_on_disk and (scratch_bytes > run["file_bytes"] or scratch_files > scratch.MOST_FILES):
        return "disk"
    if processes_too:
        usage.look(0 if world.scratch_on_disk else scratch_bytes, run["processes"])
        if usage.memory_bytes > run["memory_bytes"]:
            return "memory"
        if usage.processes > run["processes"]:
            return "processes"
    return None


def _read_counter(descriptor: int) -> float:
    """Seconds of CPU from a cgroup: v1 tells nanoseconds, v2 a table with usage_usec."""
    text = os.pread(descriptor, 4096, 0)
    if text.startswith(b"usage_usec"):
        return int(text.split()[1]) / 1e6
    return int(text) / 1e9


# ---------------------------------------------------------------- in the child


def _become_program(world: World, setup: protocol.Setup, run: protocol.Run, given: list[int], tell: int) -> None:
    """Put up the walls around this process and turn it into the program; never returns."""
    try:
        os.setsid()
        for target in (_STDIN, _STDOUT, _STDERR):
            os.dup2(given[target], target - _STDIN, inheritable=True)
        for join in given[_CGROUP + 1 :]:
            os.write(join, b"0")
        os.umask(0o022)
        _limit_resources(setup, run)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # or our own files in /proc would not be ours
        world.confine()
        os.chdir(world.directory)
        os.dup2(tell, 3, inheritable=False)
        os.closerange(4, 1 << 20)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # ignored by us, and exec would hand that on
        path = _find(run["argv"][0], run["environment"]["PATH"])
        used = resource.getrusage(resource.RUSAGE_SELF)
        os.write(3, f"ready {used.ru_utime + used.ru_stime}".encode())
    except BaseException as error:
        try:
            os.write(tell, repr(error).encode())
        finally:
            os._exit(126)
    try:
        os.execve(path, run["argv"], run["environment"])
    except FileNotFoundError:
        os._exit(127)
    except BaseException:
        os._exit(126)


def _find(name: str, search_path: str) -> str:
    if "/" in name:
        return name
    for directory in search_path.split(":"):
        if os.access(f"{directory}/{name}", os.X_OK):
            return f"{directory}/{name}"
    return name


def _limit_resources(setup: protocol.Setup, run: protocol.Run) -> None:
    # The kernel counts CPU for RLIMIT_CPU by ticks, which can be dodged: this is only the second line.
    whole_seconds = int(run["cpu_seconds"] * CPU_GRACE) + 2
    limits = {
        resource.RLIMIT_CPU: whole_seconds,
        resource.RLIMIT_FSIZE: run["file_bytes"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _OPEN_FILES,
        resource.RLIMIT_STACK: _STACK_BYTES,
        resource.RLIMIT_MEMLOCK: 65536,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NPROC: run["processes"] + setup["processes_elsewhere"],
    }
    for kind, wanted in limits.items():
        _, most = resource.getrlimit(kind)
        value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(kind, (value, value))


if __name__ == "__main__":
    main(int(sys.argv[1]))
