"""Piston: a program run once, and the graders of open-r1's packages for Codeforces and IOI."""

import asyncio
import base64
import binascii
import re
import signal
from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from fastapi import Request, Response
from pydantic import Field

from sandbox_service import runners
from sandbox_service.api.failures import status_of
from sandbox_service.api.service import Service, ServiceOf
from sandbox_service.compat import graders, routing
from sandbox_service.compat.graders import Graded, Material
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Ran, Run, run_one
from sandbox_service.errors import BadRequest, QueueUnavailable, SandboxServiceError, UnknownName
from sandbox_service.models import Compilation, RequestedLimits, TestResult, Verdict
from sandbox_service.runners import Runner, toolchain_version

RUN_MILLISECONDS = 3000
MEMORY_BYTES = 4 * 2**30
WAIT_SECONDS = 28  # open-r1's client waits 30; one that is told in time tries again
GRADER_VERSION = "1.0.0"
STATUSES: Mapping[Verdict, str] = {
    Verdict.TIME_LIMIT_EXCEEDED: "TO",
    Verdict.OUTPUT_LIMIT_EXCEEDED: "OL",
}
ALIASES: Mapping[str, str] = {"rscript": "r", "sqlite3": "sql", "nasm64": "nasm", "mono": "csharp", "gcc": "c"}


def _refuse(error: SandboxServiceError) -> Response:
    status = status_of(error)
    if isinstance(error, BadRequest) and status == HTTPStatus.UNPROCESSABLE_ENTITY:
        status = HTTPStatus.BAD_REQUEST
    return routing.refused(error, {"message": str(error)}, status)


router = routing.router(_refuse)


class File(Foreign):
    name: str = ""
    content: str
    encoding: Literal["utf8", "base64", "hex"] = "utf8"

    def base64(self) -> str:
        """Raises BadRequest when the content is not what its encoding says."""
        try:
            if self.encoding == "hex":
                return base64.b64encode(binascii.unhexlify(self.content)).decode()
            if self.encoding == "base64":
                return base64.b64encode(base64.b64decode(self.content, validate=True)).decode()
        except ValueError as error:
            raise BadRequest(f"files: {self.name!r} is not {self.encoding}: {error}") from None
        return base64.b64encode(self.content.encode()).decode()


class ExecuteRequest(Foreign):
    language: str
    version: str
    files: tuple[File, ...] = Field(min_length=1)
    stdin: str = ""
    args: tuple[str, ...] = ()
    run_timeout: float | None = Field(None, ge=0)
    run_cpu_time: float | None = Field(None, ge=0)
    run_memory_limit: float | None = None
    compile_timeout: float | None = Field(None, ge=0)
    compile_memory_limit: float | None = None


@router.post("/api/v2/execute")
async def execute(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, ExecuteRequest)
    kind = graders.kind_of(asked.language, [file.name for file in asked.files])
    if kind is not None:
        material = Material(
            language=asked.language,
            files={file.name: file.content for file in asked.files},
            first=asked.files[0].name,
            seconds=WAIT_SECONDS,
        )
        graded = await graders.grade(kind, request, service, material)
        return routing.answer({**_graded(graded), "language": asked.language, "version": GRADER_VERSION})
    runner = _runner(service, asked)
    seconds = WAIT_SECONDS + (asked.run_timeout or 0) / 1000
    ran = await run_one(request, service, _run_of(service, asked, runner), seconds=seconds)
    if ran.is_ours:
        raise QueueUnavailable(ran.judgement.reason or "the judge failed")
    version = await asyncio.to_thread(_version, runner)
    return routing.answer({**_stages(runner, ran), "language": runner.name, "version": version})


@router.get("/api/v2/runtimes")
async def runtimes(service: ServiceOf) -> Response:
    offered = await asyncio.to_thread(_offered, service)
    told = [{"language": runner.name, "version": version, "aliases": [*runner.aliases]} for runner, version in offered]
    told += [
        {"language": name, "version": GRADER_VERSION, "aliases": [*names]} for name, names in graders.NAMES.items()
    ]
    return routing.answer(told)


@router.get("/api/v2/packages")
async def packages(service: ServiceOf) -> Response:
    offered = await asyncio.to_thread(_offered, service)
    told = [{"language": runner.name, "language_version": version, "installed": True} for runner, version in offered]
    return routing.answer(told)


@router.post("/api/v2/packages")
@router.delete("/api/v2/packages")
async def change_packages() -> Response:
    message = "the languages are those that the workers have; none is installed or removed by this API"
    return routing.answer({"message": message}, HTTPStatus.FORBIDDEN)


def _offered(service: Service) -> list[tuple[Runner, str]]:
    there = runners.available({runner.name: runner for runner in service.runners.values()})
    return [(runner, _version(runner)) for _, runner in sorted(there.items())]


def _version(runner: Runner) -> str:
    """The toolchain's version as three numbers, as semantic versions have it."""
    found = re.search(r"\d+(?:\.\d+){0,2}", toolchain_version(runner.version))
    numbers = found[0].split(".") if found else []
    return ".".join([*numbers, "0", "0", "0"][:3])


def _runner(service: Service, asked: ExecuteRequest) -> Runner:
    name = asked.language.lower()
    try:
        return runners.find(service.runners, ALIASES.get(name, name))
    except UnknownName:
        raise BadRequest(f"{asked.language}-{asked.version} runtime is unknown") from None


def _run_of(service: Service, asked: ExecuteRequest, runner: Runner) -> Run:
    programs = [position for position, file in enumerate(asked.files) if file.encoding == "utf8"]
    if not programs:
        raise BadRequest("files must include at least one utf8 encoded file")
    program = asked.files[programs[0]]
    others = [file for file in asked.files if file is not program]
    return Run(
        language=runner.name,
        source=program.content,
        stdin=asked.stdin,
        arguments=asked.args,
        limits=_limits(service, asked),
        files={file.name or f"file{position}.code": file.base64() for position, file in enumerate(others, 1)},
    )


def _limits(service: Service, asked: ExecuteRequest) -> RequestedLimits:
    wall_seconds = (asked.run_timeout or RUN_MILLISECONDS) / 1000
    own = limits(service.settings, seconds=wall_seconds, memory_bytes=MEMORY_BYTES)
    changed: dict[str, float | int] = {"cpu_seconds": (asked.run_cpu_time or wall_seconds * 1000) / 1000}
    if asked.run_memory_limit is not None and asked.run_memory_limit > 0:
        changed["memory_bytes"] = int(asked.run_memory_limit)
    return own.model_copy(update=changed)


def _stages(runner: Runner, ran: Ran) -> dict[str, object]:
    compilation = ran.judgement.compilation
    stages: dict[str, object] = {}
    if compilation is not None and not runner.is_only_checked:
        stages["compile"] = _compile_stage(compilation)
    if ran.result is not None:
        stages["run"] = _run_stage(ran.result)
    elif compilation is not None:
        # Piston itself answers so when there was nothing to run.
        stages["run"] = _compile_stage(compilation)
    return stages


def _compile_stage(compilation: Compilation) -> dict[str, object]:
    failed = not compilation.succeeded
    return {
        "stdout": "",
        "stderr": compilation.log,
        "output": compilation.log,
        "code": (compilation.exit_code or 1) if failed else 0,
        "signal": _signal(compilation.signal),
        "message": compilation.reason,
        "status": "RE" if failed else None,
        "cpu_time": round(compilation.cpu_seconds * 1000),
        "wall_time": round(compilation.wall_seconds * 1000),
        "memory": compilation.memory_bytes,
    }


def _run_stage(result: TestResult) -> dict[str, object]:
    ended_by_limit = result.verdict in STATUSES or result.verdict is Verdict.MEMORY_LIMIT_EXCEEDED
    code = None if ended_by_limit else result.exit_code
    signalled = "SIGKILL" if ended_by_limit else _signal(result.signal)
    status = STATUSES.get(result.verdict, "SG" if signalled else "RE" if code else None)
    return {
        "stdout": result.stdout,
        "stderr": result.stderr,
        "output": result.stdout + result.stderr,
        "code": code,
        "signal": signalled,
        "message": str(result.verdict).replace("_", " ") if ended_by_limit else None,
        "status": status,
        "cpu_time": round(result.cpu_seconds * 1000),
        "wall_time": round(result.wall_seconds * 1000),
        "memory": result.memory_bytes,
    }


def _graded(graded: Graded) -> dict[str, object]:
    compiled = {
        "stdout": "",
        "stderr": graded.compile_log,
        "output": graded.compile_log,
        "code": graded.compile_code,
        "signal": None,
    }
    ran = {
        "stdout": graded.stdout,
        "stderr": graded.stderr,
        "output": graded.stdout + graded.stderr,
        "code": graded.code,
        "signal": None,
    }
    return {"compile": compiled, "run": compiled if graded.compile_code else ran}


def _signal(number: int | None) -> str | None:
    try:
        return None if number is None else signal.Signals(number).name
    except ValueError:
        return str(number)
