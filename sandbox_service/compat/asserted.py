"""A completion judged by the test code that a data set's row brings: AutoEval, HumanEval, MultiPL-E, MBPP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from fastapi import Request
from pydantic import JsonValue

from sandbox_service.api.service import Service
from sandbox_service.compat.evaluations import (
    EVALUATION_SECONDS,
    CaseResult,
    Evaluation,
    SubmitRequest,
    case_result,
    code_in,
    runs_of,
)
from sandbox_service.compat.runs import Ran, Run, run_all
from sandbox_service.compat.sandbox_fusion_runs import PYTHON, Language, NotEvaluated, language_of, not_a_program
from sandbox_service.models import AssertionMode

SECONDS = 20
INSERT = "#<INSERT>"
NO_CODE = "no code in the completion"

# The languages that MultiPL-E has names of its own for.
MULTIPLE: Mapping[str, str] = {
    "py": "python",
    "ts": "typescript",
    "sh": "bash",
    "cs": "csharp",
    "go_test": "go",
    "js": "nodejs",
    "pl": "perl",
    "rkt": "racket",
    "r": "R",
    "rs": "rust",
    "rb": "ruby",
    "d": "D_ut",
}
# What a row's test code begins in the middle of; of the others the whole completion counts.
CUT_AT_STOP_TOKENS = frozenset({"cpp", "java", "csharp", "bash", "rust", "scala"})
PRELUDES: Mapping[str, str] = {
    "python": "import collections, copy, datetime, functools, hashlib, heapq, itertools, math, re\n"
    "import statistics, string, sys\nfrom typing import *\nfrom collections import *\n",
    "cpp": "#include <bits/stdc++.h>\nusing namespace std;\n",
    "java": "import java.util.*; import java.math.*; import java.io.*; import java.security.*; "
    "import java.lang.reflect.*; import java.util.stream.*;\n",
    "csharp": "using System; using System.Collections.Generic; using System.Diagnostics; using System.Linq; "
    "using System.Text; using System.Security.Cryptography;\n",
    "d": "import std.array; import std.algorithm;\n",
}
MAINS: Mapping[str, str] = {
    "cpp": "int main()",
    "d": "void main",
    "go": "func main()",
    "csharp": "public static void Main",
}


@dataclass(frozen=True, slots=True)
class Asserted:
    """What a completion says and the test code for it, each in its place; as a test, the one of its program."""

    language: Language
    code: str
    source: str
    assertions: str
    entry_point: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    mode: AssertionMode | None = None

    def of(self, run: Run) -> Run:
        return replace(
            run,
            assertions=self.assertions,
            entry_point=self.entry_point,
            files=self.files,
            mode=self.mode,
            expected=None,
        )

    def told(self, in_full: bool) -> dict[str, JsonValue]:
        return {}


async def evaluated_by_assertions(
    request: Request, service: Service, asked: SubmitRequest, asserted: Asserted
) -> Evaluation:
    """One result, whatever number of assertions there are."""
    full = f"{asserted.source}\n{asserted.assertions}"
    config = asked.config.model_copy(update={"run_timeout": asked.config.run_timeout or SECONDS})
    runs = runs_of(service, asserted.source, asserted.language, [asserted], config)
    if not asserted.code.strip():
        result = CaseResult(passed=False, exec_info=not_a_program(NO_CODE))
    else:
        (answer,) = await run_all(request, service, runs, seconds=EVALUATION_SECONDS)
        if isinstance(answer, Ran) and answer.has_broken_test:
            raise NotEvaluated(str(answer.judgement.reason))
        result = case_result(service, asserted.language, asserted, answer, in_full=False)
    result = result.model_copy(update={"test_info": None})
    return Evaluation(
        id=asked.id, accepted=result.passed, extracted_code=asserted.code, full_code=full, tests=(result,)
    )


def of_auto_eval(service: Service, asked: SubmitRequest, row: Mapping[str, JsonValue]) -> Asserted:
    """Test code behind the completion's, or around it where it says ``#<INSERT>``.

    Raises:
        NotEvaluated: it is run by what is not had here.
    """
    labels, test = _object(row, "labels"), _object(row, "test")
    spoken = str(labels.get("programming_language") or "")
    run_by = str(labels.get("execution_language") or spoken)
    if spoken == "java" or run_by not in (spoken, "pytest", "go_test", "nodejs"):
        raise NotEvaluated(f"labels: tests of {spoken!r} that {run_by!r} runs are not had here")
    if asked.config.extra.get("repr_code"):
        raise NotEvaluated("config.extra.repr_code: tests that get the program as a text are not had here")
    language = language_of(MULTIPLE.get(spoken, spoken))
    code = _without_main(code_in(service, asked.completion, language, asked.config), language)
    before, assertions = _around(_text(test, "code"))
    files = {name: content for name, content in _assets(test).items() if isinstance(content, str)}
    # Files are laid beside the submission alone.
    mode = AssertionMode.SAME_PROCESS if files else None
    return Asserted(language, code, f"{before}{code}", assertions, files=files, mode=_mode(asked) or mode)


def of_human_eval(service: Service, asked: SubmitRequest, row: Mapping[str, JsonValue]) -> Asserted:
    """HumanEval's test code, or that of MultiPL-E in another language."""
    name = _language_named(asked, row) if "tests" in row else "python"
    language = language_of(MULTIPLE.get(name, name))
    tests = _text(row, "tests" if "tests" in row else "test")
    entry_point = _text(row, "entry_point") if language == PYTHON and "entry_point" in row else None
    stops = _texts(row.get("stop_tokens") or [], "stop_tokens")
    if asked.config.extra.get("is_freeform"):
        code = _without_main(code_in(service, asked.completion, language, asked.config), language)
        if language.name in CUT_AT_STOP_TOKENS:
            code = _cut(code, stops)
        source = code
    else:
        code = _function_body(asked.completion) if language == PYTHON else _cut(asked.completion, stops)
        source = f"{_text(row, 'prompt')}\n{code}"
    # What ends the function belongs to it.
    if tests.lstrip().startswith("}"):
        source, tests = f"{source}\n}}", tests.lstrip()[1:]
    if language.name == "java":
        source = source.replace("import org.javatuples.*;", "").replace("class Problem", "class Main")
    if language.name == "php":  # what stood behind the end of the block would be printed, not run
        source = source.rstrip().removesuffix("?>")
    if language.name == "go" and "fmt." in source + tests and '"fmt"' not in source + tests:
        tests = f'import "fmt"\n{tests}'
    return Asserted(language, code, PRELUDES.get(language.name, "") + source, tests, entry_point, mode=_mode(asked))


def of_mbpp(service: Service, asked: SubmitRequest, row: Mapping[str, JsonValue]) -> Asserted:
    """Its list of assertions; of them the last alone where the others were shown."""
    code = code_in(service, asked.completion.partition("[DONE]")[0], PYTHON, asked.config)
    code = _cut(code, ["\nassert", '\n"""'])
    tests = _texts(_decoded(row.get("test_list")), "test_list")
    setup = _object(row, "labels").get("test_setup_code") or ""
    source = f"{setup}\n{code}"
    if not tests:
        raise NotEvaluated("config.provided_data.test_list must hold one assertion or more")
    if asked.config.is_fewshot:
        tests = tests[-1:]
    return Asserted(PYTHON, source if code.strip() else "", source, "\n".join(tests) + "\n", mode=_mode(asked))


def _language_named(asked: SubmitRequest, row: Mapping[str, JsonValue]) -> str:
    family, _, name = asked.dataset.partition("_")
    if family in ("humaneval", "multiple") and name:
        return name.rpartition("_")[2]
    return str(row.get("language") or asked.config.language or "python").partition(".")[0]


def _mode(asked: SubmitRequest) -> AssertionMode | None:
    mode = asked.config.extra.get("mode")
    if mode is None:
        return None
    try:
        return AssertionMode(str(mode))
    except ValueError:
        raise NotEvaluated(f"config.extra.mode: {mode!r}; available: {', '.join(AssertionMode)}") from None


def _around(test: str) -> tuple[str, str]:
    before, token, after = test.partition(INSERT)
    if not token:
        return "", test
    if before.rpartition("\n")[2]:
        raise NotEvaluated(f"test.code: {INSERT} must stand on a line of its own")
    return before, after


def _cut(code: str, stops: Sequence[str]) -> str:
    for stop in stops:
        if stop.startswith("re:"):
            raise NotEvaluated("stop_tokens: regular expressions are not taken")
        if stop != "\n\n":
            code = code.partition(stop)[0]
    return code


def _function_body(completion: str) -> str:
    """The completion up to the first line that is not indented: what follows is no part of the function."""
    lines = completion.split("\n")
    end = next((i for i, line in enumerate(lines) if i and line and not line[0].isspace()), len(lines))
    return "\n".join(lines[:end])


def _without_main(code: str, language: Language) -> str:
    main = MAINS.get(language.name)
    return code.partition(main)[0] if main else code


def _assets(test: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    assets = _decoded(test.get("asset") or {})
    if not isinstance(assets, dict):
        raise NotEvaluated("config.provided_data.test.asset must hold contents by name")
    return assets


def _object(row: Mapping[str, JsonValue], name: str) -> Mapping[str, JsonValue]:
    value = _decoded(row.get(name))
    if not isinstance(value, dict):
        raise NotEvaluated(f"config.provided_data.{name} must be an object")
    return value


def _text(row: Mapping[str, JsonValue], name: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise NotEvaluated(f"config.provided_data: {name!r} must be a text")
    return value


def _texts(value: JsonValue, name: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise NotEvaluated(f"config.provided_data.{name} must be a list of texts")
    return [str(each) for each in value]


def _decoded(value: JsonValue) -> JsonValue:
    if not isinstance(value, str):
        return value
    try:
        decoded: JsonValue = json.loads(value, strict=False)
    except (ValueError, RecursionError):
        raise NotEvaluated("config.provided_data holds a text that is not JSON") from None
    return decoded
