"""The graders that open-r1 adds to Piston: a program's output compared, or put before a checker, outside of its box."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from pydantic import JsonValue

from sandbox_service.api.service import Service
from sandbox_service.compat.limits import limits
from sandbox_service.compat.runs import Ran, Run, run_one
from sandbox_service.errors import BadRequest, QueueUnavailable
from sandbox_service.models import RequestedLimits, Verdict

MIB = 2**20
CHECKER_ARGUMENTS = ("input.txt", "correct_output.txt", "solution_output.txt")
CHECKER_SECONDS = 10
CHECKER_MEMORY_BYTES = 2 * 2**30
OUTPUT_BYTES = 64 * MIB
TIMED_OUT, OUT_OF_MEMORY = 124, 134  # the exit codes by which those graders say so

_YES_OR_NO = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_STANDARDS = {"c++0x": "c++14", "c++11": "c++14", "c++14": "c++14", "c++17": "c++17", "c++20": "c++20"}


class Kind(StrEnum):
    CODEFORCES = "codeforces"
    IOI = "ioi"


# By the names that Piston's packages give them.
NAMES: Mapping[str, Sequence[str]] = {
    "cms": ("cms_ioi",),
    "codeforces": tuple(f"cf_{name}" for name in ("c++", *_STANDARDS, "python3", "java", "kotlin")),
}
# These are languages of their own too, unless what a grader wants comes with them.
_ALSO_PLAIN = frozenset({"c++", *_STANDARDS, "python3", "java", "kotlin"})


@dataclass(frozen=True, slots=True)
class Material:
    """What was sent to be graded; the program is the file that came first."""

    language: str
    files: Mapping[str, str]
    first: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Graded:
    """What the grader would have printed."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0
    compile_code: int = 0
    compile_log: str = ""


def kind_of(language: str, files: Sequence[str]) -> Kind | None:
    """The grader that is meant, if one is."""
    if language in ("cms", "cms_ioi"):
        return Kind.IOI
    if language in NAMES["codeforces"] or (language in _ALSO_PLAIN and "input.txt" in files):
        return Kind.CODEFORCES
    return None


async def grade(kind: Kind, request: Request, service: Service, material: Material) -> Graded:
    """Run the program in one box and, if there is one, its checker in another.

    Raises:
        BadRequest: something is missing, or is of a kind that is not graded here.
        QueueUnavailable: we failed, or were not there in time.
    """
    graders = {Kind.CODEFORCES: _codeforces, Kind.IOI: _ioi}
    return await graders[kind](request, service, material)


# ---------------------------------------------------------------- Codeforces


async def _codeforces(request: Request, service: Service, material: Material) -> Graded:
    config = _config(material.files.get("grader_config", ""))
    given = _unix(_required(material, "input.txt"))
    from_file = config.get("INPUT_MODE") == "file"
    name = material.language.removeprefix("cf_")
    run = Run(
        language={"python3": "python", "java": "java", "kotlin": "kotlin"}.get(name, "cpp"),
        source=material.files[material.first],
        stdin="" if from_file else given,
        limits=_limits(service, config.get("TIME_LIMIT"), config.get("MEMORY_LIMIT"), MIB),
        options={"standard": _STANDARDS[name]} if name in _STANDARDS else {},
        files={"input.txt": _base64(given)} if from_file else {},
        fetch=("output.txt",) if from_file else (),
    )
    ran = await _ran(request, service, run, material.seconds)
    limited = config.get("TIME_LIMIT"), config.get("MEMORY_LIMIT")
    if (ended := _ended_badly(ran, *limited, interpreted=run.language == "python")) is not None:
        return ended
    assert ran.result is not None
    output = _text(ran.result.files.get("output.txt", "")) if from_file else ran.result.stdout
    if "correct_output.txt" not in material.files:
        return Graded(stdout=output)
    wanted = _without_blank_lines(_unix(material.files["correct_output.txt"]))
    output = _without_blank_lines(output)
    if "checker.py" not in material.files:
        return _opinion(_normal(wanted) == _normal(output), "diff")
    files = _three(given, wanted, output)
    checker = _checker_run(service, "python", material.files["checker.py"], files)
    checked = await _ran(request, service, checker, material.seconds)
    if checked.result is None or not checked.exited_well:
        return Graded(stdout="0\n", stderr="Output isn't correct (checker)\n", code=_code(checked))
    return _opinion("".join(checked.result.stdout.split()) in ("1", "100"), "checker")


def _config(text: str) -> Mapping[str, str]:
    pairs = (line.partition("=") for line in text.splitlines())
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}


def _normal(text: str) -> str:
    """On one line, with every yes and no in capital letters."""
    return _YES_OR_NO.sub(lambda found: found[0].upper(), " ".join(text.split()))


# ---------------------------------------------------------------- IOI


async def _ioi(request: Request, service: Service, material: Material) -> Graded:
    config = _json(_required(material, "graders/grader_config.json"))
    if config.get("task_type") != "Batch":
        raise BadRequest(f"tasks of type {config.get('task_type')!r} are not graded here; available: Batch")
    given = _required(material, "input.txt")
    # A grader stands beside the program, and finds its header there.
    beside = {
        name.removeprefix("graders/"): text
        for name, text in material.files.items()
        if name.startswith("graders/") and name != material.first and not name.endswith("/manager.cpp")
    }
    known = {
        name: text for name, text in beside.items() if not name.endswith(".cpp") or name in ("grader.cpp", "stub.cpp")
    }
    run = Run(
        language="cpp",
        source=material.files[material.first],
        stdin=given,
        limits=_limits(service, config.get("time_limit"), config.get("memory_limit"), 1),
        files={name: _base64(text) for name, text in known.items()},
    )
    ran = await _ran(request, service, run, material.seconds)
    if (ended := _ended_badly(ran, config.get("time_limit"), config.get("memory_limit"))) is not None:
        return ended
    assert ran.result is not None
    wanted = material.files.get("correct_output.txt", "")
    if not wanted:
        return Graded(stdout=ran.result.stdout)
    if "checker/checker.cpp" not in material.files:
        same = [line.split() for line in wanted.rstrip().split("\n")] == [
            line.split() for line in ran.result.stdout.rstrip().split("\n")
        ]
        return _opinion(same, "diff")
    files = {
        name.removeprefix("checker/"): text for name, text in material.files.items() if name.startswith("checker/")
    }
    checker = files.pop("checker.cpp")
    files |= _three(given, wanted, ran.result.stdout)
    checked = await _ran(request, service, _checker_run(service, "cpp", checker, files), material.seconds)
    if checked.result is None:
        log = checked.judgement.compilation.log if checked.judgement.compilation else ""
        return Graded(compile_code=1, compile_log=f"Could not compile checker\n{log}")
    return Graded(stdout=checked.result.stdout, stderr=checked.result.stderr, code=_code(checked))


def _json(text: str) -> Mapping[str, JsonValue]:
    try:
        config = json.loads(text)
    except ValueError as error:
        raise BadRequest(f"graders/grader_config.json is not JSON: {error}") from None
    if not isinstance(config, dict):
        raise BadRequest("graders/grader_config.json is not an object")
    return config


# ---------------------------------------------------------------- both


def _checker_run(service: Service, language: str, source: str, files: Mapping[str, str]) -> Run:
    return Run(
        language=language,
        source=source,
        arguments=CHECKER_ARGUMENTS,
        limits=limits(service.settings, seconds=CHECKER_SECONDS, memory_bytes=CHECKER_MEMORY_BYTES),
        files={name: _base64(text) for name, text in files.items()},
    )


def _three(given: str, wanted: str, output: str) -> Mapping[str, str]:
    return dict(zip(CHECKER_ARGUMENTS, (given, wanted, output), strict=True))


async def _ran(request: Request, service: Service, run: Run, seconds: float) -> Ran:
    ran = await run_one(request, service, run, seconds=seconds)
    if ran.is_ours:
        raise QueueUnavailable(ran.judgement.reason or "the judge failed")
    return ran


def _ended_badly(ran: Ran, time_limit: object, memory_limit: object, *, interpreted: bool = False) -> Graded | None:
    if ran.result is None:
        compilation = ran.judgement.compilation
        log = compilation.log or compilation.reason or "" if compilation else ""
        if interpreted:
            return Graded(stdout="0\n", stderr=f"Runtime error with exit code 1\n{log}", code=1)
        return Graded(compile_code=1, compile_log=log)
    match ran.verdict:
        case Verdict.ACCEPTED | Verdict.WRONG_ANSWER:
            return None
        case Verdict.TIME_LIMIT_EXCEEDED:
            return Graded(stdout="0\n", stderr=f"Time limit exceeded ({time_limit}s)\n", code=TIMED_OUT)
        case Verdict.MEMORY_LIMIT_EXCEEDED:
            return Graded(stdout="0\n", stderr=f"Memory limit exceeded ({memory_limit}MB)\n", code=OUT_OF_MEMORY)
    code = _code(ran)
    return Graded(stdout="0\n", stderr=f"Runtime error with exit code {code}\n{ran.result.stderr}", code=code)


def _code(ran: Ran) -> int:
    """As a shell has it."""
    if ran.result is None:
        return 1
    if ran.exited_well:
        return 0
    return ran.result.exit_code or 128 + (ran.result.signal or 9)


def _limits(service: Service, seconds: object, memory: object, unit: int) -> RequestedLimits:
    try:
        time_limit = float(str(seconds)) if seconds else 10.0
        memory_bytes = int(float(str(memory)) * unit) if memory else None
    except (ValueError, OverflowError):
        raise BadRequest("the grader's configuration has limits that are no numbers") from None
    own = limits(service.settings, seconds=time_limit, memory_bytes=CHECKER_MEMORY_BYTES, output_bytes=OUTPUT_BYTES)
    return own if memory_bytes is None else own.model_copy(update={"memory_bytes": memory_bytes})


def _opinion(correct: bool, by: str) -> Graded:
    said = "is correct" if correct else "isn't correct"
    return Graded(stdout=f"{int(correct)}\n", stderr=f"Output {said} ({by})\n")


def _required(material: Material, name: str) -> str:
    if name not in material.files:
        raise BadRequest(f"files must include {name}")
    return material.files[name]


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n")


def _without_blank_lines(text: str) -> str:
    return "".join(f"{line}\n" for line in text.split("\n") if line)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode(errors="replace")
