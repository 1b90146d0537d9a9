"""A box made with the kernel's own means: a keeper in a world of its own, driven from here."""

import fcntl
import os
import resource
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Generic, TypeVar

import sandbox_service
from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.inside import protocol, worlds
from sandbox_service.models import Execution, Isolation, Limits, Outcome, Tier
from sandbox_service.sandboxes.cgroups import ControlGroup, Measured
from sandbox_service.sandboxes.contract import COLLECTED_FILES, SEARCH_PATH, Command, File, Step, Zygote
from sandbox_service.sandboxes.streams import Stream

Content = TypeVar("Content")

_START = (
    "import sys; sys.path[:0] = [sys.argv[2]]; from sandbox_service.inside.main import main; main(int(sys.argv[1]))"
)
LINK, PACKAGE = "SANDBOX_LINK", "SANDBOX_PACKAGE"  # how a zygote's few lines find the rest; gone before it forks
_BIND_NOW = "LD_BIND_NOW"  # each fork would look up for itself what the interpreter calls; gone as well
_STACK_BYTES = 256 * 2**20  # an address space is laid out by the limit that holds when the program is started
_PACKAGE_PARENT = str(Path(sandbox_service.__file__).parent.parent)
_START_SECONDS = 20.0
_REPORT_SECONDS = 10.0  # beyond the wall limit, until the keeper is taken for dead
_OUTCOME_OF_STOP = {
    "cpu": Outcome.OUT_OF_TIME,
    "wall": Outcome.OUT_OF_TIME,
    "memory": Outcome.OUT_OF_MEMORY,
    "output": Outcome.OUT_OF_OUTPUT,
    "disk": Outcome.OUT_OF_OUTPUT,
    "processes": Outcome.SIGNALLED,
}


def sealed(content: bytes, name: str) -> int:
    """A read-only descriptor of the content that nobody can change any more."""
    writable = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(writable, view) :]
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(writable, fcntl.F_ADD_SEALS, seals)
        return os.open(f"/proc/self/fd/{writable}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(writable)


def environment_in(place: str, own: Mapping[str, str]) -> dict[str, str]:
    """What a command finds in its environment in a box whose working directory is at that place."""
    environment = {
        "PATH": ":".join(SEARCH_PATH),
        "HOME": place,
        "LANG": "C.UTF-8",
        "TMPDIR": f"{os.path.dirname(place)}/tmp",
        **own,
    }
    return {name: value.replace("{box}", place) for name, value in environment.items()}


def _contents(files: Mapping[str, File]) -> bytes:
    return b"".join(file.content for file in files.values())


class _Kept(Generic[Content]):
    """A descriptor of the content that was asked for last, as the tests of one program share theirs."""

    def __init__(self, write: Callable[[Content], bytes], name: str) -> None:
        self._write = write
        self._name = name
        self._kept: tuple[Content, int] | None = None

    def of(self, content: Content) -> int:
        if self._kept is None or self._kept[0] is not content:
            self.close()
            self._kept = (content, sealed(self._write(content), self._name))
        return self._kept[1]

    def close(self) -> None:
        if self._kept is not None:
            os.close(self._kept[1])
            self._kept = None


def _start(link: int, setup: protocol.Setup, zygote: Zygote | None) -> subprocess.Popen[bytes]:
    """The first process of a box, from nothing of ours: no variable, no descriptor but the link, no directory."""
    if zygote is None:
        # Isolated from variables, site packages and working directory.
        argv = [sys.executable, "-I", "-S", "-B", "-c", _START, str(link), _PACKAGE_PARENT]
        return _spawn(argv, sys.executable, {}, link, subprocess.DEVNULL, subprocess.DEVNULL)
    environment = environment_in(_place(setup), zygote.environment) | {
        "PYTHONPATH": zygote.folder,
        LINK: str(link),
        PACKAGE: _PACKAGE_PARENT,
        _BIND_NOW: "1",
    }
    executable = shutil.which(zygote.argv[0], path=environment["PATH"])
    if executable is None:
        raise SandboxUnavailable(f"{zygote.argv[0]} is not on {environment['PATH']}")
    # Of the kinds that a run's streams will be: an interpreter decides by them how to buffer.
    stdin = sealed(b"", "stdin")
    read_end, write_end = os.pipe()
    try:
        return _spawn([*zygote.argv], executable, environment, link, stdin, write_end)
    finally:
        for descriptor in (stdin, read_end, write_end):
            os.close(descriptor)


def _spawn(
    argv: list[str], executable: str, environment: dict[str, str], link: int, stdin: int, output: int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        executable=executable,
        pass_fds=[link],
        env=environment,
        cwd="/",
        stdin=stdin,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=_allow_deep_stacks,
    )


def _allow_deep_stacks() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_STACK)
    wanted = _STACK_BYTES if most == resource.RLIM_INFINITY else min(_STACK_BYTES, most)
    resource.setrlimit(resource.RLIMIT_STACK, (wanted, most))


def _place(setup: protocol.Setup) -> str:
    """The working directory of every run, as the programs see it."""
    return worlds.DIRECTORY if setup["tier"] == "namespaces" else f"{setup['directory']}{worlds.DIRECTORY}"


class NativeBox:
    """The worker's end of a box: it sends commands in, drains the output and puts the evidence together."""

    def __init__(
        self,
        tier: Tier,
        setup: protocol.Setup,
        groups: ControlGroup | None,
        missing: Mapping[str, str],
        zygote: Zygote | None = None,
    ) -> None:
        """Start the first process and wait until its walls stand.

        Raises:
            SandboxUnavailable: the kernel refuses a part; the text says which.
        """
        self._groups = groups
        self._directory = setup["directory"]
        self._bundle = _Kept[Mapping[str, File]](_contents, "bundle")
        self._code = _Kept[bytes](lambda code: code, "code")
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._first = _start(theirs.fileno(), setup, zygote)
        try:
            self._link.settimeout(_START_SECONDS)
            protocol.send(self._link, setup, [*groups.cpu_group] if groups else [])
            answer, _ = protocol.receive(self._link)
            if answer is None or "failure" in answer:
                raise SandboxUnavailable(f"{tier}: {answer['failure'] if answer else 'its first process died'}")
        except (OSError, SandboxUnavailable) as error:
            self.close()
            raise SandboxUnavailable(str(error)) from error
        self._place = _place(setup)
        self._prepared = worlds.PREPARED if tier is Tier.NAMESPACES else setup["prepared"]
        self._zygote = zygote
        layers = dict(answer["layers"])
        if groups is not None:
            layers["cgroup"] = f"{groups.version}: memory, processes, CPU time"
        self._isolation = Isolation(tier=tier, layers=layers, missing=dict(missing))

    @property
    def isolation(self) -> Isolation:
        return self._isolation

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        try:
            return self._run(command, limits, stdin, collect)
        except (OSError, ValueError) as error:
            raise BoxBroken(f"the box did not answer: {error}") from error

    def _run(self, command: Command, limits: Limits, stdin: bytes, collect: Sequence[str]) -> Execution:
        counters: Sequence[int] = ()
        if self._groups is not None:
            counters = self._groups.begin(limits.memory_bytes, limits.processes)
        step = command.step if self._zygote is not None else None
        outputs = [Stream(limits.output_bytes), Stream(limits.output_bytes)]
        source = sealed(stdin, "stdin")
        try:
            descriptors = [self._bundle.of(command.files), source, outputs[0].write_end, outputs[1].write_end]
            if step is Step.RUN:
                descriptors.append(self._code.of(command.code))
            protocol.send(self._link, self._request(command, step, limits, collect), [*descriptors, *counters])
        finally:
            os.close(source)
            for output in outputs:
                output.close_write_end()
        try:
            report, bundle, too_much = self._follow(outputs, limits)
        finally:
            for output in outputs:
                output.close()
        measured = self._groups.end() if self._groups is not None else None
        return _evidence(report, measured, limits, outputs, too_much, _read_bundle(bundle, limits.file_bytes))

    def _request(self, command: Command, step: Step | None, limits: Limits, collect: Sequence[str]) -> protocol.Run:
        # A zygote has its environment already.
        as_it_is = step and self._zygote and command.environment == self._zygote.environment
        return protocol.Run(
            argv=[
                argument.replace("{box}", self._place).replace("{prepared}", self._prepared)
                for argument in command.argv
            ],
            environment={} if as_it_is else environment_in(self._place, command.environment),
            files=[(name, len(file.content), file.executable) for name, file in command.files.items()],
            step=step or "",
            code_bytes=len(command.code),
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=limits.wall_seconds,
            memory_bytes=limits.memory_bytes,
            processes=limits.processes,
            file_bytes=limits.file_bytes,
            collect=list(collect),
            most_files=COLLECTED_FILES,
            has_counter=self._groups is not None and self._groups.counts_each_run,
            has_cgroup=self._groups is not None,
        )

    def _follow(self, outputs: list[Stream], limits: Limits) -> tuple[protocol.Report, int | None, bool]:
        """Drain both outputs until the report is there and nobody holds their other ends."""
        give_up_at = time.monotonic() + limits.wall_seconds + _REPORT_SECONDS
        poller = select.poll()
        poller.register(self._link, select.POLLIN)
        open_streams = {output.read_end: output for output in outputs}
        for descriptor in open_streams:
            poller.register(descriptor, select.POLLIN)
        report: protocol.Report | None = None
        bundle: int | None = None
        too_much = False
        while report is None or open_streams:
            left = give_up_at - time.monotonic()
            if left <= 0:
                raise BoxBroken("no report in time")
            for descriptor, _ in poller.poll(left * 1000):
                if descriptor == self._link.fileno():
                    message, received = protocol.receive(self._link)
                    poller.unregister(self._link)
                    if message is None or "failure" in message:
                        raise BoxBroken(message["failure"] if message else "the keeper of the box died")
                    report, bundle = message, received[0] if received else None
                elif not open_streams[descriptor].take():
                    poller.unregister(descriptor)
                    del open_streams[descriptor]
            if outputs[0].truncated and not too_much and report is None:
                too_much = True
                protocol.send(self._link, {"stop": "output"})
        return report, bundle, too_much

    def close(self) -> None:
        self._link.close()
        try:
            self._first.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self._first.pid, signal.SIGKILL)
            self._first.wait()
        self._bundle.close()
        self._code.close()
        if self._groups is not None:
            self._groups.close()
            self._groups = None
        shutil.rmtree(self._directory, ignore_errors=True)


def _read_bundle(bundle: int | None, most_bytes: int) -> Mapping[str, bytes]:
    if bundle is None:
        return MappingProxyType({})
    try:
        files, offset = protocol.unpack(bundle)
        contents = {}
        for name, size, _ in files:
            if size > most_bytes:
                raise BoxBroken("a collected file is larger than was asked for")
            contents[name] = os.pread(bundle, size, offset)
            offset += size
        return contents
    finally:
        os.close(bundle)


def _evidence(
    report: protocol.Report,
    measured: Measured | None,
    limits: Limits,
    outputs: list[Stream],
    too_much: bool,
    files: Mapping[str, bytes],
) -> Execution:
    """The facts of a run, from what the kernel said to the keeper, to the zygote and to us."""
    code = os.waitstatus_to_exitcode(report["wait_status"])
    memory_bytes = measured.memory_bytes if measured else report["memory_bytes"]
    out_of_memory = measured.killed_for_memory if measured else memory_bytes > limits.memory_bytes
    if out_of_memory:
        outcome = Outcome.OUT_OF_MEMORY
    elif report["stopped"] is not None:
        outcome = _OUTCOME_OF_STOP[report["stopped"]]
    elif outputs[0].truncated or too_much:
        outcome = Outcome.OUT_OF_OUTPUT
    elif -code == signal.SIGXCPU:
        outcome = Outcome.OUT_OF_TIME
    else:
        outcome = Outcome.EXITED if code >= 0 else Outcome.SIGNALLED
    return Execution(
        outcome=outcome,
        exit_code=code if code >= 0 else None,
        signal=-code if code < 0 else None,
        stdout=outputs[0].content(),
        stderr=outputs[1].content(),
        cpu_seconds=report["cpu_seconds"],
        wall_seconds=report["wall_seconds"],
        memory_bytes=memory_bytes,
        stdout_truncated=outputs[0].truncated,
        stderr_truncated=outputs[1].truncated,
        files=files,
    )
