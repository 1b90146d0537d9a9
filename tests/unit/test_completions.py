"""From a judgement back to what is told of a completion."""

from collections.abc import Mapping

import pytest

from sandbox_service import completions
from sandbox_service.completions import Read
from sandbox_service.models import Compilation, Judgement, Reason, Verdict
from sandbox_service.runners import Runner, read_runners
from sandbox_service.settings import Settings


@pytest.fixture(scope="module")
def runners() -> Mapping[str, Runner]:
    return read_runners(Settings())


def judgement(verdict: Verdict, *, reason: str | None = None, log: str | None = None) -> Judgement:
    compilation = None
    if log is not None:
        compilation = Compilation(
            succeeded=False, exit_code=1, signal=None, cpu_seconds=0, wall_seconds=0, memory_bytes=0, log=log
        )
    return Judgement(
        id="a", verdict=verdict, reward=None, score=None, passed=0, total=1,
        compilation=compilation, results=(), isolation=None, reason=reason,
    )  # fmt: skip


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.ACCEPTED])
def test_every_verdict_but_acceptance_has_a_reason(runners: Mapping[str, Runner], verdict: Verdict):
    told = completions.answer(judgement(verdict, log="no"), Read("a", runners["cpp"], "x", None))

    assert told.reason is Reason(verdict)


def test_acceptance_has_no_reason(runners: Mapping[str, Runner]):
    assert completions.answer(judgement(Verdict.ACCEPTED), Read("a", runners["cpp"], "x", None)).reason is None


@pytest.mark.parametrize(
    ("language", "reason"),
    [("python", Reason.SYNTAX_ERROR), ("javascript", Reason.SYNTAX_ERROR), ("cpp", "compile_error")],
)
def test_what_is_only_checked_fails_by_its_syntax(runners: Mapping[str, Runner], language: str, reason: Reason):
    told = completions.answer(judgement(Verdict.COMPILE_ERROR, log="line 1"), Read("a", runners[language], "x", None))

    assert (told.reason, told.detail) == (reason, "line 1")


def test_a_compiler_that_ran_out_of_time_found_no_error_of_syntax(runners: Mapping[str, Runner]):
    judged = judgement(Verdict.COMPILE_ERROR, log="", reason="the compiler ran out of time")

    told = completions.answer(judged, Read("a", runners["python"], "x", None))

    assert (told.reason, told.detail) == (Reason.COMPILE_ERROR, "the compiler ran out of time")


def test_a_missing_function_is_a_signature_mismatch(runners: Mapping[str, Runner]):
    judged = judgement(Verdict.RUNTIME_ERROR, reason="signature_mismatch")

    assert completions.answer(judged, Read("a", runners["python"], "x", None)).reason is Reason.SIGNATURE_MISMATCH


def test_our_failure_is_told_in_our_words(runners: Mapping[str, Runner]):
    told = completions.answer(judgement(Verdict.JUDGE_ERROR, reason="broke"), Read("a", runners["python"], "x", None))

    assert (told.reward, told.reason, told.detail) == (None, Reason.JUDGE_ERROR, "broke")


def test_a_fence_may_name_the_language_by_any_of_its_names(runners: Mapping[str, Runner]):
    assert "python" in runners["pypy"].tags
    assert {"c++", "cpp"} <= runners["cpp"].tags
