"""Whether a submission got what is said of it, and what there is to say of it if not."""

from collections.abc import Iterator, Sequence

from sandbox_service.models import Judgement, TestResult, Verdict
from sandbox_service.packages.contract import Expectation, TestRule
from sandbox_service.packages.expectations import matches

LOG_CHARACTERS = 200


def agree(expectation: Expectation, judgement: Judgement, names: Sequence[str]) -> bool:
    """Whether the submission got what is said of it."""
    score, most = judgement.score or 0.0, judgement.maximum_score or 1.0
    return (
        (expectation.verdicts is None or _verdict(judgement) in expectation.verdicts)
        and (not expectation.partial or 0 < score < most)
        and (expectation.score is None or expectation.score[0] <= score <= expectation.score[1])
        and all(_holds(rule, judgement, names) for rule in expectation.rules)
    )


def _verdict(judgement: Judgement) -> Verdict:
    """The verdict as scoring problems have it: accepted too where the validator gave only some of the points."""
    failed = [result for result in judgement.results if result.verdict is not Verdict.ACCEPTED]
    in_part = judgement.maximum_score is not None and all(result.score > 0 for result in failed)
    return Verdict.ACCEPTED if failed and in_part else judgement.verdict


def _holds(rule: TestRule, judgement: Judgement, names: Sequence[str]) -> bool:
    verdicts = {result.verdict for _, result in _meant(rule, judgement, names)} or {judgement.verdict}
    if rule.permitted is not None and not verdicts <= rule.permitted:
        return False
    if rule.required is not None and not verdicts & rule.required:
        return False
    if rule.score is None:
        return True
    scores = [
        group.score for group in judgement.groups if rule.pattern is not None and matches(rule.pattern, group.name)
    ]
    if rule.pattern is None:
        scores = [judgement.score or 0.0]
    return all(rule.score[0] <= score <= rule.score[1] for score in scores)


def _meant(rule: TestRule, judgement: Judgement, names: Sequence[str]) -> Iterator[tuple[str, TestResult]]:
    for name, result in zip(names, judgement.results, strict=False):
        parts = name.split("/")
        if rule.pattern is None or any(
            matches(rule.pattern, "/".join(parts[:end])) for end in range(1, len(parts) + 1)
        ):
            yield name, result


def said(judgement: Judgement) -> str:
    if judgement.maximum_score is None:
        return str(judgement.verdict)
    return f"{_verdict(judgement)}, {judgement.score or 0:g} points"


def why(judgement: Judgement, names: Sequence[str], limit: float) -> str:
    """What explains the verdict: where it failed and how, what the compiler said, how near to the limit it came."""
    if judgement.compilation is not None and not judgement.compilation.succeeded:
        return " ".join(judgement.compilation.log.split())[:LOG_CHARACTERS]
    failed = [
        (name, result)
        for name, result in zip(names, judgement.results, strict=False)
        if result.verdict is not Verdict.ACCEPTED
    ]
    if not failed:
        slowest = max((result.cpu_seconds for result in judgement.results), default=0.0)
        return f"all tests passed; the slowest took {slowest:.2f} s of {limit:g} s"
    name, result = failed[0]
    last = " ".join(result.stderr.strip().splitlines()[-1:])
    code = f", exit code {result.exit_code}" if result.exit_code else ""
    signal = f", signal {result.signal}" if result.signal else ""
    return f"{name}: {result.verdict} after {result.cpu_seconds:.2f} s of {limit:g} s{code}{signal} {last}".strip()
