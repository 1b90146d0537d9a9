"""A box made with the kernel's own means: a keeper in a world of its own, driven from here."""

import fcntl
import json
import operator
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Generic, TypeVar

import sandbox_service
from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.inside import protocol, worlds
from sandbox_service.models import Execution, Isolation, Limits, Tier
from sandbox_service.sandboxes.cgroups import ControlGroup
from sandbox_service.sandboxes.contract import COLLECTED_FILES, SEARCH_PATH, Command, File, Step, Zygote
from sandbox_service.sandboxes.running import NativeRun
from sandbox_service.sandboxes.streams import Stream

Content = TypeVar("Content")

_START = (
    "import sys; sys.path[:0] = [sys.argv[2]]; from sandbox_service.inside.main import main; main(int(sys.argv[1]))()"
)
# How a zygote's few lines find the rest; gone before it forks.
LINK, PACKAGE, HARNESS = "SANDBOX_LINK", "SANDBOX_PACKAGE", "SANDBOX_HARNESS"
_BIND_NOW = "LD_BIND_NOW"  # each fork would look up for itself what the interpreter calls; gone as well
_STACK_BYTES = 256 * 2**20  # an address space is laid out by the limit that holds when the program is started
_PACKAGE_PARENT = str(Path(sandbox_service.__file__).parent.parent)
_START_SECONDS = 20.0


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
        HARNESS: zygote.harness,
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
        self._buffer = memoryview(bytearray(protocol.MESSAGE_BYTES))
        self._asked: tuple[tuple[object, ...], bytes] = ((), b"")
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._first = _start(theirs.fileno(), setup, zygote)
        try:
            self._link.settimeout(_START_SECONDS)
            protocol.send(self._link, setup, [*groups.cpu_group] if groups else [])
            answer, _ = protocol.receive(self._link, self._buffer)
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

    @property
    def takes_steps(self) -> bool:
        return self._zygote is not None

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        return self.start(command, limits, stdin=stdin, collect=collect).finish()

    def start(
        self,
        command: Command,
        limits: Limits,
        *,
        stdin: bytes | int = b"",
        stdout: int | None = None,
        collect: Sequence[str] = (),
    ) -> NativeRun:
        try:
            return self._start(command, limits, stdin, stdout, collect)
        except (OSError, ValueError) as error:
            raise BoxBroken(f"the box did not answer: {error}") from error

    def _start(
        self, command: Command, limits: Limits, stdin: bytes | int, stdout: int | None, collect: Sequence[str]
    ) -> NativeRun:
        counters: Sequence[int] = ()
        if self._groups is not None:
            counters = self._groups.begin(limits.memory_bytes, limits.processes)
        step = self._step_of(command)
        outputs = [Stream(limits.output_bytes) for _ in range(1 if stdout is not None else 2)]
        given_outputs = [output.write_end for output in outputs]
        if stdout is not None:
            given_outputs.insert(0, stdout)
        source = sealed(stdin, "stdin") if isinstance(stdin, bytes) else stdin
        compiled = os.memfd_create("code", os.MFD_CLOEXEC) if step is Step.FIRST_RUN else None
        try:
            descriptors = [self._bundle.of(command.files), source, *given_outputs]
            if step is Step.RUN:
                descriptors.append(self._code.of(command.code))
            elif compiled is not None:
                descriptors.append(compiled)
            protocol.forward(self._link, self._message(command, limits, collect), [*descriptors, *counters])
        except BaseException:
            if compiled is not None:
                os.close(compiled)
            raise
        finally:
            if isinstance(stdin, bytes):
                os.close(source)
            for output in outputs:
                output.close_write_end()
        return NativeRun(self._link, self._buffer, limits, outputs, self._groups, compiled)

    def _step_of(self, command: Command) -> Step | None:
        """Only a zygote takes steps; without one the command is started."""
        return command.step if self._zygote is not None else None

    def _message(self, command: Command, limits: Limits, collect: Sequence[str]) -> bytes:
        """The request in words, which the runs of a program share unless their arguments differ."""
        about = (command, limits, collect)
        if not self._asked[1] or any(map(operator.is_not, self._asked[0], about)):
            self._asked = (about, json.dumps(self._request(command, limits, collect)).encode())
        return self._asked[1]

    def _request(self, command: Command, limits: Limits, collect: Sequence[str]) -> protocol.Run:
        step = self._step_of(command)
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
