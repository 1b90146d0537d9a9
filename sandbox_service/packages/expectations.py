"""What a submission is said to get: by its folder, by a note of DOMjudge in its source, by submissions.yaml."""

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox_service.models import Verdict
from sandbox_service.packages.contract import Expectation, TestRule

CRASHES = frozenset({Verdict.RUNTIME_ERROR, Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.OUTPUT_LIMIT_EXCEEDED})

OF_FOLDER: Mapping[str, frozenset[Verdict]] = {
    "accepted": frozenset({Verdict.ACCEPTED}),
    "wrong_answer": frozenset({Verdict.WRONG_ANSWER}),
    "time_limit_exceeded": frozenset({Verdict.TIME_LIMIT_EXCEEDED}),
    "run_time_error": CRASHES,
}
# Folders beside those of the format, for submissions that have no note of their own.
OF_OTHER_FOLDER: Mapping[str, frozenset[Verdict]] = {
    "slow_accepted": frozenset({Verdict.ACCEPTED, Verdict.TIME_LIMIT_EXCEEDED}),
    "compiler_error": frozenset({Verdict.COMPILE_ERROR}),
    "compile_error": frozenset({Verdict.COMPILE_ERROR}),
    "no_output": frozenset({Verdict.WRONG_ANSWER}),
    "output_limit": frozenset({Verdict.OUTPUT_LIMIT_EXCEEDED}),
    "output_limit_exceeded": frozenset({Verdict.OUTPUT_LIMIT_EXCEEDED}),
    "memory_limit_exceeded": frozenset({Verdict.MEMORY_LIMIT_EXCEEDED, Verdict.RUNTIME_ERROR}),
    "rejected": frozenset(Verdict) - {Verdict.ACCEPTED, Verdict.JUDGE_ERROR},
    "brute_force": frozenset({Verdict.TIME_LIMIT_EXCEEDED}) | CRASHES,
}
PARTIAL_FOLDERS = ("partially_accepted", "partial")
BY_HAND = "check_manually"

OF_NOTE: Mapping[str, frozenset[Verdict]] = {
    "CORRECT": frozenset({Verdict.ACCEPTED}),
    "WRONG-ANSWER": frozenset({Verdict.WRONG_ANSWER}),
    "NO-OUTPUT": frozenset({Verdict.WRONG_ANSWER}),
    "TIMELIMIT": frozenset({Verdict.TIME_LIMIT_EXCEEDED}),
    "RUN-ERROR": CRASHES,
    "MEMORY-LIMIT": frozenset({Verdict.MEMORY_LIMIT_EXCEEDED}),
    "OUTPUT-LIMIT": frozenset({Verdict.OUTPUT_LIMIT_EXCEEDED}),
    "COMPILER-ERROR": frozenset({Verdict.COMPILE_ERROR}),
}
OTHER_NAMES = {
    "ACCEPTED": "CORRECT",
    "WRONG_ANSWER": "WRONG-ANSWER",
    "TIME_LIMIT_EXCEEDED": "TIMELIMIT",
    "RUN_TIME_ERROR": "RUN-ERROR",
    "COMPILER_ERROR": "COMPILER-ERROR",
    "NO_OUTPUT": "NO-OUTPUT",
    "OUTPUT_LIMIT": "OUTPUT-LIMIT",
}
OF_CODE: Mapping[str, frozenset[Verdict]] = {
    "AC": frozenset({Verdict.ACCEPTED}),
    "WA": frozenset({Verdict.WRONG_ANSWER}),
    "TLE": frozenset({Verdict.TIME_LIMIT_EXCEEDED}),
    "RTE": CRASHES,
}
# The folders' rules of the format 2025-09, which speak of every test: permitted, and one of them required.
RULES_OF_FOLDER: Mapping[str, tuple[str, str]] = {
    "accepted": ("AC", "AC"),
    "rejected": ("AC WA TLE RTE", "WA TLE RTE"),
    "wrong_answer": ("AC WA", "WA"),
    "time_limit_exceeded": ("AC TLE", "TLE"),
    "run_time_error": ("AC RTE", "RTE"),
    "brute_force": ("AC TLE RTE", "TLE RTE"),
}

_NOTE = re.compile(r"@EXPECTED_(RESULTS|SCORE)@:[ \t]*([^\r\n]*)", re.IGNORECASE)
_SCORE_TOLERANCE = 0.005  # half of the last digit of a note


class NoExpectation(Exception):
    """A submission that nothing is said of, or nothing that can be compared; the text says why."""


def expectation(folder: str, path: str, sources: Sequence[str], listed: Mapping[str, Any], *, new: bool) -> Expectation:
    """What is said of the submission in this folder; ``listed`` is submissions.yaml, ``new`` the format 2025-09.

    Raises:
        NoExpectation: it is not to be judged.
    """
    if folder == BY_HAND:
        raise NoExpectation("its result is to be looked at by hand")
    verdicts, score = _noted(sources)
    if folder in OF_FOLDER or verdicts is None:  # DOMjudge too believes the four folders more than the note
        verdicts = OF_FOLDER.get(folder) or OF_OTHER_FOLDER.get(folder)
    rules = list(_listed_rules(path, listed))
    if new and folder in RULES_OF_FOLDER and not (folder in listed and _speaks_of_all(listed[folder])):
        permitted, required = RULES_OF_FOLDER[folder]
        rules.append(TestRule(None, _verdicts(permitted.split()), _verdicts(required.split())))
    partial = folder in PARTIAL_FOLDERS and score is None
    if not (verdicts or rules or partial or score):
        raise NoExpectation(f"nothing is said of what submissions in {folder}/ get")
    said = _said(folder, verdicts, score)
    if rules:  # they speak of each test, and so of more than the first failure
        verdicts = None
    return Expectation(said, None if partial else verdicts, partial, score, tuple(rules))


def _said(folder: str, verdicts: frozenset[Verdict] | None, score: tuple[float, float] | None) -> str:
    by_folder = folder in OF_FOLDER or verdicts is None or verdicts == OF_OTHER_FOLDER.get(folder)
    of_verdict = folder if by_folder else " or ".join(sorted(verdicts or ()))
    return of_verdict if score is None else f"{of_verdict}, {(score[0] + score[1]) / 2:g} points"


def _noted(sources: Sequence[str]) -> tuple[frozenset[Verdict] | None, tuple[float, float] | None]:
    verdicts: frozenset[Verdict] | None = None
    score: tuple[float, float] | None = None
    for kind, value in (found.groups() for source in sources for found in _NOTE.finditer(source)):
        if kind.upper() == "SCORE" and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value.strip()):
            score = (float(value) - _SCORE_TOLERANCE, float(value) + _SCORE_TOLERANCE)
            continue
        names = [name.strip().upper() for name in value.split(",")]
        names = [OTHER_NAMES.get(name, name) for name in names]
        if "CHECK-MANUALLY" in names:
            raise NoExpectation("its result is to be looked at by hand")
        if any(name.startswith("NONE-") for name in names):
            raise NoExpectation("it is not to be submitted")
        known = [OF_NOTE[name] for name in names if name in OF_NOTE]
        if known:
            verdicts = frozenset().union(*known)
    return verdicts, score


def _listed_rules(path: str, listed: Mapping[str, Any]) -> Iterator[TestRule]:
    """What submissions.yaml says of the submission: for all tests, and for those that a pattern names."""
    for pattern, said in listed.items():
        if not isinstance(said, dict) or not _matches(path, str(pattern)):
            continue
        if rule := _rule(None, said):
            yield rule
        for name, within in said.items():
            if isinstance(within, dict) and (rule := _rule(str(name), within)):
                yield rule


def _speaks_of_all(said: object) -> bool:
    return isinstance(said, dict) and ("permitted" in said or "required" in said)


def _rule(pattern: str | None, said: Mapping[str, Any]) -> TestRule | None:
    score = said.get("score")
    if isinstance(score, int | float):
        score = [score, score]
    bounds = None
    if isinstance(score, list) and len(score) == 2 and all(isinstance(bound, int | float) for bound in score):
        bounds = (float(score[0]) - 1e-6, float(score[1]) + 1e-6)
    permitted, required = (_codes(said.get(key)) for key in ("permitted", "required"))
    if permitted is None and required is None and bounds is None:
        return None
    return TestRule(pattern, permitted, required, bounds)


def _codes(codes: object) -> frozenset[Verdict] | None:
    return _verdicts([str(code) for code in codes]) if isinstance(codes, list) else None


def _verdicts(codes: Sequence[str]) -> frozenset[Verdict]:
    return frozenset().union(*(OF_CODE.get(code, frozenset()) for code in codes))


def _matches(path: str, pattern: str) -> bool:
    """Whether the path or a folder that it stands in is meant."""
    return any(matches(pattern, "/".join(path.split("/")[: end + 1])) for end in range(path.count("/") + 1))


def matches(pattern: str, name: str) -> bool:
    """As a glob whose * does not go beyond a /, with alternatives in braces; spaces around them do not count."""
    if braces := re.search(r"\{([^{}]*)\}", pattern):
        before, behind = pattern[: braces.start()], pattern[braces.end() :]
        return any(matches(before + choice.strip() + behind, name) for choice in braces[1].split(",")[:100])
    parts, names = pattern.strip("/").split("/"), name.split("/")
    return len(parts) == len(names) and all(map(fnmatch.fnmatchcase, names, parts))
