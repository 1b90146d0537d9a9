"""Sets .venv up from a lock file, with nothing but Python's standard library; instant when nothing changed."""

import configparser
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "bootstrap.json"
FORKER = ROOT / "sandbox_service/inside/forking.c"

# Debian's python3 comes without ensurepip and without pip, so the installer is fetched by name and digest.
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
DEFAULT_INDEX = "https://pypi.org/simple"

# A superset's versions are the subset's, so whoever has the first has the second.
CONTAINS = {"requirements-dev.lock": ("requirements-dev.lock", "requirements.lock")}


class CannotSetUp(Exception):
    """Something the machine lacks; the message says what and how to mend it."""


def main(lock: str) -> None:
    """Bring .venv to what the lock file says.

    Raises:
        CannotSetUp: with one line for the reader.
    """
    compile_forker()
    wanted = digest(lock)
    if read_stamp().get(lock) == wanted:
        return
    try:
        with one_at_a_time():
            stamp = read_stamp()
            if stamp.get(lock) == wanted:
                return
            print(f"setting up {VENV} from {lock} (once, about a minute)", file=sys.stderr, flush=True)
            if not stamp:
                venv.create(VENV, clear=True, symlinks=True, with_pip=False)
            install(lock)
            link_project()
            STAMP.write_text(json.dumps({**identity(), **{name: digest(name) for name in CONTAINS.get(lock, (lock,))}}))
    except PermissionError as error:
        raise CannotSetUp(f"cannot write {error.filename}: run as the owner of {ROOT}, or clone it anew") from None


def digest(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def identity() -> dict[str, str]:
    """What a virtual environment is bound to; another Python or another place needs another one."""
    return {"python": sys.version, "executable": os.path.realpath(sys.executable), "root": str(ROOT)}


def read_stamp() -> dict[str, str]:
    """What .venv was set up from; empty when there is none that fits."""
    try:
        stamp: dict[str, str] = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if stamp.items() >= identity().items() and (VENV / "bin/python3").exists() else {}


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold the checkout's directory, so that two calls of make do not write one .venv."""
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def install(lock: str) -> None:
    """Run the pinned pip in the environment; every package is checked against the lock's digests."""
    wheel = VENV / PIP_WHEEL
    if not wheel.exists():
        wheel.write_bytes(fetch_pip())
    pip = [str(VENV / "bin/python3"), str(wheel / "pip")]
    options = ["-qq", "--disable-pip-version-check", "--no-input", "--require-hashes", "-r", str(ROOT / lock)]
    outcome = subprocess.run([*pip, "install", *options], stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
    if outcome.returncode:
        last_words = [line for line in outcome.stderr.splitlines() if line.startswith("ERROR")] or [outcome.stderr]
        raise CannotSetUp(f"cannot install {lock} from {index_url()}: {last_words[-1].strip()}")


def fetch_pip() -> bytes:
    """The pinned pip wheel from the package index."""
    page_url = index_url().rstrip("/") + "/pip/"
    try:
        page = download(page_url).decode()
        links = re.findall(r'href\s*=\s*["\']([^"\']*)["\']', page)
        link = next((link for link in links if urllib.parse.urlsplit(link).path.endswith("/" + PIP_WHEEL)), None)
        if link is None:
            raise CannotSetUp(f"{page_url} does not have {PIP_WHEEL}; PIP_INDEX_URL chooses another package index")
        content = download(urllib.parse.urljoin(page_url, link))
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise CannotSetUp(f"cannot reach the package index {page_url} (needed once): {reason}") from None
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        raise CannotSetUp(f"{PIP_WHEEL} from {page_url} is not the file that was expected (its SHA-256 differs)")
    return content


def download(url: str) -> bytes:
    """One GET, through the proxy and with the certificates that pip would use."""
    authorities = configured("cert") or None
    context = ssl.create_default_context(cafile=authorities)
    request = urllib.request.Request(url, headers={"Accept": "text/html, */*;q=0.1"})
    with urllib.request.urlopen(request, timeout=60, context=context) as answer:
        content: bytes = answer.read()
        return content


def index_url() -> str:
    return configured("index-url") or DEFAULT_INDEX


def configured(name: str) -> str | None:
    """A setting of pip's, from its environment variable or its configuration files."""
    variable = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if variable:
        return variable
    home = Path(os.environ.get("HOME", "/nonexistent"))
    chosen = Path(os.environ.get("PIP_CONFIG_FILE", os.devnull))
    parser = configparser.RawConfigParser()
    parser.read([Path("/etc/pip.conf"), home / ".pip/pip.conf", home / ".config/pip/pip.conf", chosen])
    return parser.get("global", name, fallback=None)


def compiled_from(source: Path) -> Path:
    """Named by its source, so that it is never used with another one."""
    return source.with_name(f"{source.stem}-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}.so")


def compile_forker() -> None:
    """Compile what forks the programs, and remove what came of older sources; where that fails, Python forks them."""
    if not FORKER.exists() or (library := compiled_from(FORKER)).exists():  # an image gets its sources last
        return
    reason = "there is no C compiler"
    if found := shutil.which("cc") or shutil.which("gcc"):
        made = library.with_suffix(f".{os.getpid()}")
        options = ["-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wl,-z,now"]
        command = [found, *options, "-o", str(made), str(FORKER)]
        outcome = subprocess.run(command, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)
        if outcome.returncode == 0:
            for old in FORKER.parent.glob(f"{FORKER.stem}-*.so"):
                old.unlink()
            made.rename(library)
            return
        reason = f"{found} cannot compile {FORKER}: {outcome.stderr.strip()}"
    print(f"Python will fork the programs, which takes a fifth longer: {reason}", file=sys.stderr, flush=True)


def link_project() -> None:
    """Make the checkout importable and give it its command; nothing is built, so no build backend is needed."""
    python = VENV / "bin/python3"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    (VENV / "lib" / version / "site-packages" / "sandbox_service.pth").write_text(f"{ROOT}\n")
    command = VENV / "bin/sandbox-service"
    # Through sh, because the path in a #! line may not be long and may not hold a space.
    command.write_text(
        "#!/bin/sh\n"
        f"'''exec' {shlex.quote(str(python))} \"$0\" \"$@\"\n"
        "' '''\n"
        "import sys\n\n"
        "from sandbox_service.cli import main\n\n"
        "sys.exit(main())\n"
    )
    command.chmod(0o755)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except CannotSetUp as failure:
        sys.exit(f"sandbox-service: {failure}")
    except KeyboardInterrupt:
        sys.exit(130)
