"""open-r1's routers to E2B and Morph: scripts run as cells of a notebook, whose last expression is the answer."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import Request, Response
from pydantic import Field

from sandbox_service.api.service import ServiceOf
from sandbox_service.compat import routing
from sandbox_service.compat.limits import limits
from sandbox_service.compat.routing import Foreign
from sandbox_service.compat.runs import Answer, Run, run_all
from sandbox_service.errors import BadRequest, QueueUnavailable
from sandbox_service.models import Choice, RequestedLimits, Verdict
from sandbox_service.settings import Settings

TEST_SECONDS = 5  # as open-r1's script gives each test
MEMORY_BYTES = 2**30
WAIT_SECONDS = 600  # its client does not give up
LAST_VALUE = "sandbox-service.last-value"

router = routing.router(routing.fastapi_refusal)

# What open-r1's reward makes of a program and its tests.
_EVALUATION = re.compile(
    r"^    code_snippet = (?P<code>\".*\")\n    test_cases = json\.loads\((?P<tests>\".*\")\)\n\s*"
    r"evaluate_code\(code_snippet, test_cases\)\s*\Z",
    re.MULTILINE,
)

# A cell may be indented as a whole, and tells the value of its last expression.
_CELL = f"""\
import ast, sys, textwrap
tree = ast.parse(textwrap.dedent(open("cell.py").read()), "cell.py")
last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
names = sys.modules["__main__"].__dict__
exec(compile(tree, "cell.py", "exec"), names)
if last is not None:
    value = eval(compile(ast.Expression(last.value), "cell.py", "eval"), names)
    if value is not None:
        open({LAST_VALUE!r}, "w").write(repr(value))
"""


class Batch(Foreign):
    scripts: tuple[str, ...]
    languages: tuple[str, ...]
    timeout: float = Field(30, gt=0)
    request_timeout: float = Field(30, gt=0)


@dataclass(frozen=True, slots=True)
class Script:
    """The runs that a script takes: one, or one for each of its tests."""

    runs: Sequence[Run]
    has_tests: bool


@router.post("/execute_batch")
async def execute_batch(request: Request, service: ServiceOf) -> Response:
    asked = await routing.read(request, service, Batch)
    if len(asked.scripts) != len(asked.languages):
        raise BadRequest("there must be as many languages as scripts", field="languages")
    scripts = [
        _script(source, language, asked.timeout, service.settings)
        for source, language in zip(asked.scripts, asked.languages, strict=True)
    ]
    runs = [run for script in scripts for run in script.runs]
    answers = iter(await run_all(request, service, runs, seconds=WAIT_SECONDS))
    return routing.answer([_result(script, [next(answers) for _ in script.runs]) for script in scripts])


def _script(source: str, language: str, seconds: float, settings: Settings) -> Script:
    found = _EVALUATION.search(source)
    if found is not None and language == "python":
        try:
            code, tests = json.loads(found["code"]), json.loads(json.loads(found["tests"]))
            own = limits(settings, seconds=TEST_SECONDS, memory_bytes=MEMORY_BYTES)
            return Script([_test(code, test["input"], test["output"], own) for test in tests], has_tests=True)
        except (ValueError, KeyError, TypeError):
            pass  # it only looks like that script
    # Its client asks for five minutes when nobody tells it how long a script may take.
    own = limits(settings, seconds=min(seconds, settings.maximum_cpu_seconds), memory_bytes=MEMORY_BYTES)
    if language != "python":
        return Script([Run(language=language, source=source, limits=own)], has_tests=False)
    cell = base64.b64encode(source.encode()).decode()
    run = Run(language="python", source=_CELL, limits=own, files={"cell.py": cell}, fetch=(LAST_VALUE,))
    return Script([run], has_tests=False)


def _test(code: str, given: str, wanted: str, own: RequestedLimits) -> Run:
    return Run(language="python", source=code, stdin=given, expected=wanted, limits=own, checker=Choice(name="lines"))


def _result(script: Script, answers: Sequence[Answer]) -> dict[str, object]:
    for answer in answers:
        if answer is None or (not isinstance(answer, BadRequest) and answer.is_ours):
            # Of a failed batch the client makes rewards that are null; of a missing answer in it, zeros.
            raise QueueUnavailable("we failed at a script; send the batch again")
    if script.has_tests:
        passed = sum(not isinstance(a, BadRequest | None) and a.verdict is Verdict.ACCEPTED for a in answers)
        return _told(str(passed / len(answers)) if answers else "0.0", "", "")
    (answer,) = answers
    if isinstance(answer, BadRequest):
        return _nothing(str(answer))
    assert answer is not None
    if answer.verdict is Verdict.TIME_LIMIT_EXCEEDED:
        return _nothing("the script ran out of time")
    if answer.result is None:
        compilation = answer.judgement.compilation
        return _told(None, "", compilation.log if compilation else "", error="SyntaxError")
    value = answer.result.files.get(LAST_VALUE)
    text = None if value is None else base64.b64decode(value).decode(errors="replace")
    error = None if answer.exited_well else str(answer.verdict)
    return _told(text, answer.result.stdout, answer.result.stderr, error=error)


def _told(text: str | None, stdout: str, stderr: str, *, error: str | None = None) -> dict[str, object]:
    """What E2B's client reads (the execution) and what Morph's does (the text)."""
    last = stderr.strip().rpartition("\n")[2]
    execution = {
        "results": [] if text is None else [{"text": text, "is_main_result": True}],
        "logs": {"stdout": [stdout] if stdout else [], "stderr": [stderr] if stderr else []},
        "error": None if error is None else {"name": error, "value": last, "traceback": stderr},
        "execution_count": 1,
    }
    return {"execution": execution, "text": text if text is not None else stdout, "exception_str": None}


def _nothing(why: str) -> dict[str, object]:
    return {"execution": None, "text": None, "exception_str": why}
