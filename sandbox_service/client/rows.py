"""Reads the tests that a data set's row brings, in the shapes that trainers' data sets have."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from sandbox_service.errors import BadRequest
from sandbox_service.models import Problem, TestCase

OURS = ("tests", "test_set")
ASSERTED = ("assert_case", "entry_point")
FUNCTION = "fn_name"
NAMES = (("input", "output"), ("stdin", "expected"))
DEEPEST_ENCODING = 4  # data sets hold JSON within JSON


def problem_of(row: object, **rules: Any) -> Problem:
    """The problem that a row's ground truth tells; ``rules`` are its limits and checker.

    It may be a problem as this service has it (with ``tests`` or ``test_set``); ``{"inputs": […],
    "outputs": […]}``, with a function's name as ``fn_name`` too, as LiveCodeBench and APPS have it; a list of
    ``{"input": …, "output": …}``; such a list under ``test_cases``; or the JSON text of any of these.

    Raises:
        BadRequest: it is none of them, or its tests are assertions.
    """
    row = _decoded(row)
    if isinstance(row, Problem):
        return row
    try:
        if isinstance(row, Mapping) and any(name in row for name in OURS):
            return Problem.model_validate({**rules, **row})
        if isinstance(row, Mapping) and row.get(FUNCTION):
            # Who writes such tests has these rules in mind.
            rules["checker"] = rules.get("checker") or "livecodebench"
        return Problem.model_validate({**rules, "tests": tuple(_cases(row))})
    except ValidationError as error:
        raise BadRequest(f"the row's tests cannot be read: {error.errors()[0]['msg']}", field="ground_truth") from None


def _cases(row: object) -> Sequence[TestCase]:
    if isinstance(row, Mapping):
        for name in ASSERTED:
            if row.get(name):
                raise _refused(f"{name!r}: assertions are not read from rows")
        if "test_cases" in row:
            return _cases(_decoded(row["test_cases"]))
        if "inputs" in row and "outputs" in row:
            return _pairs(_decoded(row["inputs"]), _decoded(row["outputs"]), row.get(FUNCTION))
    elif isinstance(row, Sequence) and not isinstance(row, str):
        return [_case(case) for case in row]
    raise _refused("it has neither 'tests', 'test_set', 'inputs' and 'outputs', nor 'test_cases'")


def _pairs(inputs: object, outputs: object, function: object) -> Sequence[TestCase]:
    if not isinstance(inputs, Sequence) or not isinstance(outputs, Sequence):
        raise _refused("inputs and outputs must be lists")
    if len(inputs) != len(outputs):
        raise _refused(f"{len(inputs)} inputs and {len(outputs)} outputs")
    pairs = zip(inputs, outputs, strict=True)
    if function:
        return [_call(str(function), given, wanted) for given, wanted in pairs]
    return [TestCase(stdin=_text(stdin), expected=_text(out)) for stdin, out in pairs]


def _call(function: str, given: object, wanted: object) -> TestCase:
    """LiveCodeBench has an argument's JSON on each line and a value's JSON; APPS a list of arguments and one of one."""
    try:
        arguments = [json.loads(line) for line in given.splitlines() if line] if isinstance(given, str) else given
        expected = json.loads(wanted) if isinstance(wanted, str) else wanted
    except ValueError as error:
        raise _refused(f"a call is not JSON: {error}") from None
    if isinstance(wanted, list) and len(wanted) == 1:
        expected = wanted[0]
    return TestCase.model_validate({"call": {"function": function, "arguments": arguments}, "expected": expected})


def _case(case: object) -> TestCase:
    if isinstance(case, TestCase):
        return case
    if isinstance(case, Mapping):
        for stdin, expected in NAMES:
            if stdin in case and expected in case:
                return TestCase(stdin=_text(case[stdin]), expected=_text(case[expected]))
    raise _refused(f"a test must have an input and an output, not be {str(case)[:80]!r}")


def _text(value: object) -> str:
    """A cell as a program reads it: some data sets have lists of lines, and numbers."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return str(value)


def _decoded(row: object) -> object:
    for _ in range(DEEPEST_ENCODING):
        if hasattr(row, "tolist"):  # parquet files are read into arrays
            row = row.tolist()
        if not isinstance(row, str | bytes):
            break
        try:
            row = json.loads(row)
        except ValueError:
            raise _refused("it is not JSON") from None
    return row


def _refused(why: str) -> BadRequest:
    return BadRequest(f"the row's tests cannot be read: {why}", field="ground_truth")
