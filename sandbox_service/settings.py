"""One frozen Settings, read from SANDBOX_… variables once and passed on as an argument."""

import difflib
import os
import tempfile
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from sandbox_service.errors import ConfigurationError
from sandbox_service.models import LEAST_MEMORY_BYTES, Tier

PREFIX = "SANDBOX_"


def available_cores() -> int:
    """The cores this process may run on."""
    return len(os.sched_getaffinity(0))


def _split_on_commas(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _check_redis_url(url: SecretStr) -> SecretStr:
    if not _is_redis_url(url.get_secret_value()):
        raise ValueError("must be redis://HOST:PORT/DATABASE, rediss://… or unix:///PATH")
    return url


def _check_http_url(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be http://HOST:PORT or https://…")
    return url


def _is_redis_url(url: str) -> bool:
    try:
        parts = urllib.parse.urlsplit(url)
        _ = parts.port
    except ValueError:  # its text may hold a piece of the password
        return False
    return bool(parts.path) if parts.scheme == "unix" else parts.scheme in ("redis", "rediss") and bool(parts.hostname)


class Settings(BaseModel):
    """Everything that can be configured; each field is SANDBOX_<NAME> in the environment."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    host: str = Field("127.0.0.1", description="address the API listens on")
    port: int = Field(8000, ge=1, le=65535, description="port the API listens on")
    workers: int = Field(
        default_factory=available_cores, ge=1, le=1024, description="worker processes that `serve` starts"
    )
    api_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(_split_on_commas)] = Field(
        (), description="keys of which callers must send one, separated by commas; none: no key is asked for"
    )
    foreign_apis: Annotated[tuple[str, ...], BeforeValidator(_split_on_commas)] = Field(
        ("all",), description="services whose APIs are served too, separated by commas; `all`, or `none`"
    )
    console: bool = Field(True, description="whether `/` is a page to watch the service and to try programs")
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
    ] = Field("info", description="the least level that is logged")

    otlp_endpoint: Annotated[str, AfterValidator(_check_http_url)] | None = Field(
        None, description="an OpenTelemetry collector, such as http://collector:4318; none: no traces are sent"
    )

    redis_url: Annotated[SecretStr, AfterValidator(_check_redis_url)] | None = Field(
        None, description="an external Redis or Valkey; none: `serve` starts one of its own on a private unix socket"
    )
    state_directory: Path | None = Field(
        None, description="where the embedded Redis and caches keep their files; none: below the user's state directory"
    )
    queue: str = Field(
        "default", min_length=1, max_length=100, description="name that keeps services on one Redis apart"
    )
    lane: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        pattern=r"^[A-Za-z0-9_.+-]+$",
        description="lane of a worker that has not all languages; all workers of a lane have the same",
    )

    isolation: Tier | None = Field(None, description="the tier to use; none: the strongest that the machine allows")
    minimum_isolation: Tier = Field(Tier.LANDLOCK, description="nothing runs in a box that is weaker than this tier")
    docker_image: str = Field(
        "sandbox-worker", min_length=1, description="image of the boxes' containers, for the tier `docker`"
    )
    docker_runtime: str | None = Field(None, description="runtime of those containers; none: Docker's own")
    docker_seccomp_profile: Path | None = Field(
        None, description="profile that allows namespaces in those containers; none: Docker's own, and landlock inside"
    )
    runners_directory: Path | None = Field(None, description="folder of the languages; none: those that are shipped")

    maximum_cpu_seconds: float = Field(120, gt=0, description="highest CPU limit a caller may ask for")
    maximum_wall_seconds: float = Field(600, gt=0, description="highest wall-clock limit a caller may ask for")
    maximum_memory_bytes: int = Field(
        8 * 2**30, ge=LEAST_MEMORY_BYTES, description="highest memory limit a caller may ask for"
    )
    maximum_output_bytes: int = Field(64 * 2**20, gt=0, description="highest output limit a caller may ask for")
    maximum_processes: int = Field(512, gt=0, description="highest limit of processes and threads a caller may ask for")

    maximum_request_bytes: int = Field(64 * 2**20, gt=0, description="largest request body, before and after inflating")
    maximum_tests: int = Field(10_000, gt=0, description="most tests of a problem")
    maximum_submissions: int = Field(10_000, gt=0, description="most submissions of a request")
    maximum_source_bytes: int = Field(2**20, gt=0, description="largest source of a submission")
    maximum_queued_submissions: int = Field(
        100_000, gt=0, description="submissions that may wait or run before callers are told 429"
    )

    lease_seconds: float = Field(3.0, gt=0, description="silence after which a worker counts as dead")
    chunk_seconds: float = Field(0.5, gt=0, description="work that a worker takes at a time")
    job_ttl_seconds: int = Field(24 * 3600, gt=0, description="how long a job and its judgements are kept")
    test_set_ttl_seconds: int = Field(30 * 24 * 3600, gt=0, description="how long an uploaded test set is kept unused")


VARIABLES = {PREFIX + name.upper(): name for name in Settings.model_fields}


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; a variable that is empty counts as unset.

    Raises:
        ConfigurationError: a SANDBOX_ variable is unknown or has a value that cannot be.
    """
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    for name in given:
        if name not in VARIABLES:
            raise ConfigurationError(_unknown(name))
    values: dict[str, Any] = {VARIABLES[name]: value for name, value in given.items() if value.strip()}
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError("; ".join(_explain(detail) for detail in error.errors())) from None


def _unknown(name: str) -> str:
    close = difflib.get_close_matches(name.removeprefix(PREFIX), [known.removeprefix(PREFIX) for known in VARIABLES])
    if close:
        return f"unknown setting {name}; did you mean {' or '.join(PREFIX + match for match in close)}?"
    return f"unknown setting {name}; available: {', '.join(sorted(VARIABLES))}"


def _explain(detail: Mapping[str, Any]) -> str:
    name = str(detail["loc"][0])
    secret = name in ("api_keys", "redis_url")
    value = "" if secret else f" (got {detail['input']!r})"
    return f"{PREFIX}{name.upper()}: {detail['msg'].removeprefix('Value error, ')}{value}"


def state_directory(configured: Path | None) -> Path | None:
    """Where state can be kept: as configured, or the user's state directory; None when that cannot be written.

    Raises:
        ConfigurationError: the configured directory cannot be written.
    """
    if configured is not None:
        if not _writable(configured):
            raise ConfigurationError(f"SANDBOX_STATE_DIRECTORY: cannot write to {configured}")
        return configured
    state_home = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    usual = Path(state_home, "sandbox-service")
    return usual if usual.is_absolute() and _writable(usual) else None  # a user may have no home


def _writable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=directory):
            return True
    except OSError:
        return False
