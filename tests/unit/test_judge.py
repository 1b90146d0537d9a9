"""The judge compiles once, runs every test and decides; it alone gives verdicts."""

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.errors import BadRequest, BoxBroken, Stopped, UnknownName
from sandbox_service.judge import Rules, judge, whole
from sandbox_service.models import Execution, Job, Judgement, Outcome, TestChoice, Tier, Verdict
from sandbox_service.sandboxes import Boxes
from sandbox_service.shares import Share
from tests.unit.judging import CPP, SQUARES, FakeBox, ends, exits, job, judged, one_after_the_other, square

# ---------------------------------------------------------------- the whole


def test_a_program_that_passes_every_test_is_accepted():
    box = FakeBox(square)

    judgement = judged(box)

    assert (judgement.id, judgement.verdict, judgement.score) == ("r0", Verdict.ACCEPTED, 1.0)
    assert (judgement.passed, judgement.total, judgement.isolation) == (3, 3, Tier.NAMESPACES)
    assert box.stdins == [b"2\n", b"3\n", b"4\n"]
    assert len(box.compiled) == 1


def test_only_the_chosen_tests_are_run_and_counted():
    box = FakeBox(square)

    judgement = judged(box, job().model_copy(update={"tests": TestChoice(first=2)}))

    assert (judgement.passed, judgement.total, box.stdins) == (2, 2, [b"2\n", b"3\n"])


def test_the_expected_output_never_enters_the_box():
    box = FakeBox(square)

    judged(box, job([{"stdin": "2", "expected": "canary"}]))

    assert "canary" not in str((box.compiled, box.stdins))


def test_the_verdict_is_that_of_the_first_test_that_failed():
    judgement = judged(FakeBox(one_after_the_other(exits(b"4"), exits(b"0"), ends(Outcome.OUT_OF_MEMORY))))

    assert judgement.verdict == Verdict.WRONG_ANSWER
    assert [result.verdict for result in judgement.results] == ["accepted", "wrong_answer", "memory_limit_exceeded"]
    assert judgement.passed == 1
    assert judgement.score == pytest.approx(1 / 3)


def test_stop_on_failure_ends_with_the_first_failure():
    box = FakeBox(one_after_the_other(exits(b"4"), exits(b"0")))

    judgement = judged(box, job(stop_on_failure=True, reward="fraction_passed"))

    assert len(judgement.results) == 2
    assert (judgement.passed, judgement.total) == (1, 3)
    assert judgement.reward == pytest.approx(1 / 3)


def in_two_parts(box: FakeBox, of: Job) -> Judgement:
    assert of.problem.tests is not None
    rules = Rules.of(of, of.problem.tests)
    boxes = Boxes(lambda _: box)
    shares = Share(0, 2), Share(2, len(of.problem.tests))
    return whole([judge(of.submissions[0], rules, CPP, boxes, Compiler(), share=share) for share in shares], rules)


@pytest.mark.parametrize("stops", [False, True])
@pytest.mark.parametrize("printed", [(b"4", b"9", b"16"), (b"4", b"0", b"16"), (b"4", b"9", b"0"), (b"0", b"9", b"0")])
def test_a_submission_judged_in_parts_is_judged_alike(printed: tuple[bytes, ...], stops: bool):
    of = job(stop_on_failure=stops, reward="fraction_passed")
    answers = dict(zip((b"2\n", b"3\n", b"4\n"), map(exits, printed), strict=True))
    box = FakeBox(answers.__getitem__)

    assert in_two_parts(box, of) == judged(box, of)


def test_a_compilation_that_fails_in_every_part_fails_once():
    box = FakeBox(square, compilation=exits(b"", 1))

    assert in_two_parts(box, job()) == judged(box, job())


def test_a_test_without_expected_output_is_only_run():
    judgement = judged(FakeBox(lambda stdin: exits(b"anything")), job([{"stdin": "", "expected": None}]))

    assert judgement.verdict == Verdict.ACCEPTED
    assert judgement.results[0].stdout == "anything"


def test_an_empty_expected_output_is_not_none():
    judgement = judged(FakeBox(lambda stdin: exits(b"anything")), job([{"stdin": "", "expected": ""}]))

    assert judgement.verdict == Verdict.WRONG_ANSWER


def test_the_reward_is_what_was_asked_for():
    assert judged(FakeBox(square), job(reward="all_or_nothing")).reward == 1.0
    assert judged(FakeBox(square)).reward is None


def test_a_broken_box_concludes_nothing():
    def breaks(stdin: bytes) -> Execution:
        raise BoxBroken("no report")

    with pytest.raises(BoxBroken):
        judged(FakeBox(breaks))


def test_judging_stops_between_two_tests_when_asked_to():
    box = FakeBox(square)

    with pytest.raises(Stopped):
        judged(box, stopping=lambda: len(box.stdins) == 2)

    assert len(box.stdins) == 2


def test_names_are_checked_before_anything_runs():
    with pytest.raises(UnknownName, match="token"):
        judged(FakeBox(square), job(checker="token"))
    with pytest.raises(UnknownName, match="half"):
        judged(FakeBox(square), job(reward="half"))
    with pytest.raises(BadRequest, match="absolute"):
        judged(FakeBox(square), job(checker={"name": "floats", "absolute": -1}))


# ---------------------------------------------------------------- compiling


def test_no_test_runs_when_compilation_fails():
    box = FakeBox(square, compilation=exits(code=1, stderr=b"main.cpp:1: error"))

    judgement = judged(box, job(reward="fraction_passed"))

    assert judgement.verdict == Verdict.COMPILE_ERROR
    assert (judgement.reward, judgement.score, judgement.passed, judgement.total) == (0.0, 0.0, 0, 3)
    assert judgement.compilation is not None
    assert judgement.compilation.log == "main.cpp:1: error"
    assert box.stdins == []


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.SIGNALLED, "crashed"),
        (Outcome.OUT_OF_TIME, "out of time"),
        (Outcome.OUT_OF_MEMORY, "out of memory"),
        (Outcome.OUT_OF_OUTPUT, "printed more"),
    ],
)
def test_a_compiler_that_fails_is_a_compile_error_with_its_reason(outcome: Outcome, reason: str):
    judgement = judged(FakeBox(square, compilation=ends(outcome)))

    assert judgement.verdict == Verdict.COMPILE_ERROR
    assert reason in str(judgement.reason)


# ---------------------------------------------------------------- weights and groups

GROUPED = [{**test, "group": group} for test, group in zip(SQUARES, ("small", "small", "large"), strict=True)]


def scored_job(*groups: object, **rules: object) -> Job:
    problem = {"tests": GROUPED, "limits": {"cpu_seconds": 1}, "scoring": {"groups": groups}}
    submission = {"id": "r0", "language": "cpp", "source": "int main() {}"}
    return Job.model_validate({"problem": problem, "submissions": [submission], **rules})


def test_the_score_is_what_the_groups_say():
    groups = ({"name": "small", "points": 30}, {"name": "large", "points": 70})

    judgement = judged(FakeBox(one_after_the_other(exits(b"4"), exits(b"0"), exits(b"16"))), scored_job(*groups))

    assert (judgement.score, judgement.maximum_score, judgement.verdict) == (70.0, 100.0, "wrong_answer")
    assert [(group.name, group.score) for group in judgement.groups] == [("small", 0.0), ("large", 70.0)]


def test_a_group_that_breaks_is_not_run_on_and_its_tests_stand_in_their_places():
    groups = ({"name": "small", "on_reject": "break"}, {"name": "large"})
    box = FakeBox(one_after_the_other(exits(b"0"), exits(b"16")))

    judgement = judged(box, scored_job(*groups, reward="scored"))

    assert box.stdins == [b"2\n", b"4\n"]
    assert [(result.verdict, result.skipped) for result in judgement.results] == [
        ("wrong_answer", False),
        ("wrong_answer", True),
        ("accepted", False),
    ]
    assert (judgement.passed, judgement.total, judgement.reward) == (1, 3, 0.5)


def test_a_judgement_without_weights_and_groups_is_written_as_ever():
    written = judged(FakeBox(square)).model_dump_json()

    assert not any(f'"{name}"' in written for name in ("maximum_score", "groups", "skipped"))
