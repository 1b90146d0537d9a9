"""A box made with the kernel's own means: an init in a world of its own, driven from here."""

import fcntl
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import sandbox_service
from sandbox_service.errors import BoxBroken, SandboxUnavailable
from sandbox_service.inside import protocol
from sandbox_service.models import Execution, Isolation, Limits, Outcome, Tier
from sandbox_service.sandboxes.cgroups import ControlGroup, Measured
from sandbox_service.sandboxes.contract import COLLECTED_FILES, SEARCH_PATH, Command, File
from sandbox_service.sandboxes.streams import Stream

_START = (
    "import sys; sys.path[:0] = [sys.argv[2]]; from sandbox_service.inside.main import main; main(int(sys.argv[1]))"
)
_PACKAGE_PARENT = str(Path(sandbox_service.__file__).parent.parent)
_START_SECONDS = 20.0
_REPORT_SECONDS = 10.0  # beyond the wall limit, until the init is taken for dead
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


class NativeBox:
    """The worker's end of a box: it sends commands in, drains the output and puts the evidence together."""

    def __init__(
        self,
        tier: Tier,
        setup: protocol.Setup,
        groups: ControlGroup | None,
        missing: Mapping[str, str],
    ) -> None:
        """Start the init and wait until its walls stand.

        Raises:
            SandboxUnavailable: the kernel refuses a part; the text says which.
        """
        self._groups = groups
        self._directory = setup["directory"]
        self._bundle: tuple[Mapping[str, File], int] | None = None
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            # Isolated from variables, site packages and working directory: it starts from nothing of ours.
            self._init = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", "-c", _START, str(theirs.fileno()), _PACKAGE_PARENT],
                pass_fds=[theirs.fileno()],
                env={},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            self._link.settimeout(_START_SECONDS)
            protocol.send(self._link, setup)
            answer, _ = protocol.receive(self._link)
            if answer is None or "failure" in answer:
                raise SandboxUnavailable(f"{tier}: {answer['failure'] if answer else 'the init of the box died'}")
        except (OSError, SandboxUnavailable) as error:
            self.close()
            raise SandboxUnavailable(str(error)) from error
        self._place = str(answer["directory"])
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
        outputs = [Stream(limits.output_bytes), Stream(limits.output_bytes)]
        source = sealed(stdin, "stdin")
        try:
            descriptors = [self._bundle_of(command.files), source, outputs[0].write_end, outputs[1].write_end]
            protocol.send(self._link, self._request(command, limits, collect), [*descriptors, *counters])
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

    def _request(self, command: Command, limits: Limits, collect: Sequence[str]) -> protocol.Run:
        environment = {
            "PATH": ":".join(SEARCH_PATH),
            "HOME": self._place,
            "LANG": "C.UTF-8",
            "TMPDIR": f"{os.path.dirname(self._place)}/tmp",
            **command.environment,
        }
        return protocol.Run(
            argv=[argument.replace("{box}", self._place) for argument in command.argv],
            environment={name: value.replace("{box}", self._place) for name, value in environment.items()},
            cpu_seconds=limits.cpu_seconds,
            wall_seconds=limits.wall_seconds,
            memory_bytes=limits.memory_bytes,
            processes=limits.processes,
            file_bytes=limits.file_bytes,
            collect=list(collect),
            most_files=COLLECTED_FILES,
            has_cgroup=self._groups is not None,
        )

    def _bundle_of(self, files: Mapping[str, File]) -> int:
        """The files as one descriptor; that of the last command is kept, as tests of one program share theirs."""
        if self._bundle is not None:
            if self._bundle[0] is files:
                return self._bundle[1]
            os.close(self._bundle[1])
            self._bundle = None
        head = protocol.pack([(name, len(file.content), file.executable) for name, file in files.items()])
        self._bundle = (files, sealed(b"".join([head, *(file.content for file in files.values())]), "bundle"))
        return self._bundle[1]

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
                        raise BoxBroken(message["failure"] if message else "the init of the box died")
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
            self._init.wait(timeout=2)
        except subprocess.TimeoutExpired:
            os.killpg(self._init.pid, signal.SIGKILL)
            self._init.wait()
        if self._bundle is not None:
            os.close(self._bundle[1])
            self._bundle = None
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
    """The facts of a run, from what the kernel said to the init and to us."""
    code = os.waitstatus_to_exitcode(report["wait_status"])
    cpu_seconds = measured.cpu_seconds if measured else report["cpu_seconds"]
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
        cpu_seconds=cpu_seconds,
        wall_seconds=report["wall_seconds"],
        memory_bytes=memory_bytes,
        stdout_truncated=outputs[0].truncated,
        stderr_truncated=outputs[1].truncated,
        files=files,
    )
