from collections.abc import Mapping, Sequence

import pytest
from structlog.testing import capture_logs

from sandbox_service import worker
from sandbox_service.errors import BoxBroken, QueueUnavailable, SandboxUnavailable, Stopped
from sandbox_service.models import (
    Execution,
    Isolation,
    Job,
    Limits,
    Outcome,
    Problem,
    Submission,
    TestCase,
    Tier,
    Verdict,
)
from sandbox_service.queues import connections
from sandbox_service.runners import Runner, read_runners
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.contract import Box, Command, Zygote
from sandbox_service.settings import Settings
from sandbox_service.shares import Share
from sandbox_service.worker import ATTEMPTS, JudgingSlot
from tests.unit.boxes import RunsAlone

TESTS = (TestCase(stdin="2", expected="4"),)
SUBMISSION = Submission(id="s", language="python3", source="secret source")
JOB = Job(problem=Problem(tests=TESTS), submissions=(SUBMISSION,))


class FakeBox(RunsAlone):
    """Prints 4, or fails as it is told."""

    isolation = Isolation(tier=Tier.LANDLOCK, layers={})
    takes_steps = False

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.closed = False
        self.runs = 0

    def run(self, command: Command, limits: Limits, *, stdin: bytes = b"", collect: Sequence[str] = ()) -> Execution:
        self.runs += 1
        if self.failure is not None:
            raise self.failure
        return Execution(Outcome.EXITED, 0, None, b"4", b"", 0.01, 0.01, 2**20)

    def close(self) -> None:
        self.closed = True


class Opened:
    """Hands out these boxes, one after the other."""

    def __init__(self, *boxes: FakeBox | Exception) -> None:
        self.left = list(boxes)

    def __call__(self, zygote: Zygote | None) -> Box:
        box = self.left.pop(0)
        if isinstance(box, Exception):
            raise box
        return box


@pytest.fixture
def python() -> Mapping[str, Runner]:
    return {"python": read_runners(Settings())["python"].model_copy(update={"warm": None})}


def opened(*given: FakeBox | Exception) -> Boxes:
    return Boxes(Opened(*given))


def judged(python: Mapping[str, Runner], *boxes: FakeBox | Exception, submission: Submission = SUBMISSION):
    return JudgingSlot(python, opened(*boxes)).judge(submission, JOB, TESTS, job_id="j")


def test_a_submission_is_judged(python):
    assert judged(python, FakeBox()).verdict is Verdict.ACCEPTED


def test_a_broken_box_is_thrown_away_and_a_fresh_one_judges(python):
    broken = FakeBox(BoxBroken("the init is gone"))

    judgement = judged(python, broken, FakeBox())

    assert judgement.verdict is Verdict.ACCEPTED
    assert broken.closed


def test_boxes_that_keep_breaking_are_our_failure(python):
    boxes = [FakeBox(BoxBroken("/run/secret/path")) for _ in range(ATTEMPTS)]

    judgement = judged(python, *boxes)

    assert (judgement.verdict, judgement.reward) == (Verdict.JUDGE_ERROR, None)
    assert "secret" not in (judgement.reason or "")
    assert all(box.closed for box in boxes)


def test_nothing_runs_without_a_box(python):
    judgement = judged(python, FakeBox(BoxBroken("gone")), SandboxUnavailable("no namespaces"))

    assert (judgement.verdict, judgement.reason) == (Verdict.JUDGE_ERROR, "this worker has no sandbox any more")


def test_a_slot_gets_over_a_time_without_boxes(python):
    slot = JudgingSlot(python, opened(FakeBox(BoxBroken("gone")), SandboxUnavailable("no namespaces"), FakeBox()))

    verdicts = [slot.judge(SUBMISSION, JOB, TESTS, job_id="j").verdict for _ in range(2)]

    assert verdicts == [Verdict.JUDGE_ERROR, Verdict.ACCEPTED]


def test_a_fault_of_our_own_is_no_verdict_on_the_program(python):
    judgement = judged(python, FakeBox(ZeroDivisionError("/host/path")))

    assert (judgement.verdict, judgement.reward, judgement.reason) == (Verdict.JUDGE_ERROR, None, "the judge failed")


def test_a_language_that_this_worker_lacks_is_named(python):
    stranger = SUBMISSION.model_copy(update={"language": "cobol"})

    judgement = judged(python, FakeBox(), submission=stranger)

    assert judgement.verdict is Verdict.JUDGE_ERROR
    assert "unknown language 'cobol'" in (judgement.reason or "")


def test_being_stopped_is_no_answer(python):
    slot = JudgingSlot(python, opened(FakeBox()), stopping=lambda: True)

    with pytest.raises(Stopped):
        slot.judge(SUBMISSION, JOB, TESTS, job_id="j")


def test_the_one_log_line_explains_without_the_source(python):
    with capture_logs() as lines:
        judged(python, FakeBox())

    (line,) = lines
    assert (line["submission"], line["verdict"], line["language"]) == ("s", "accepted", "python3")
    assert "secret source" not in str(line)


def test_counts_and_costs_are_kept_by_language(python):
    slot = JudgingSlot(python, opened(FakeBox()))

    slot.judge(SUBMISSION, JOB, TESTS, job_id="j")

    counts = slot.take_counts()
    assert counts == counts | {
        "submissions|python|accepted": 1,
        "compilations|python|nowhere": 1,
        "box_resets": 2,
        "boxes_opened": 1,
    }
    assert slot.take_test_seconds().keys() == {"python3"}


def test_an_interpreter_that_cannot_be_kept_warm_is_started_each_time():
    warm = {"python": read_runners(Settings())["python"]}
    boxes = opened(FakeBox(), SandboxUnavailable("the zygote died"))

    with capture_logs() as lines:
        slot = JudgingSlot(warm, boxes)
        verdicts = [slot.judge(SUBMISSION, JOB, TESTS, job_id="j").verdict for _ in range(2)]

    assert verdicts == [Verdict.ACCEPTED] * 2
    assert [line["event"] for line in lines] == ["programs are started anew each time", "judged", "judged"]


def test_a_warm_interpreter_waits_in_a_box_of_its_own():
    warm = {"python": read_runners(Settings())["python"]}
    cold_box, warm_box = FakeBox(), FakeBox(BoxBroken("the zygote is gone"))
    slot = JudgingSlot(warm, opened(cold_box, warm_box, FakeBox()))

    slot.warm_up()
    judgement = slot.judge(SUBMISSION, JOB, TESTS, job_id="j")

    assert judgement.verdict is Verdict.ACCEPTED
    assert (cold_box.closed, warm_box.closed) == (False, True)


def test_an_interpreter_that_takes_much_memory_waits_from_its_first_program_on():
    runner = read_runners(Settings())["python"]
    assert runner.warm is not None
    late = {"python": runner.model_copy(update={"warm": runner.warm.model_copy(update={"at_start": False})})}
    asked = list[Zygote | None]()

    def open_box(zygote: Zygote | None) -> Box:
        asked.append(zygote)
        return FakeBox()

    slot = JudgingSlot(late, Boxes(open_box))

    slot.warm_up()
    at_start = [*asked]
    slot.judge(SUBMISSION, JOB, TESTS, job_id="j")

    assert at_start == [None]
    assert asked == [None, next(runner.zygotes())]


def test_a_redis_that_answers_no_more_is_said_in_our_words(python, monkeypatch, tmp_path):
    box = FakeBox()
    monkeypatch.setattr(connections, "reach", lambda url, say: None)
    monkeypatch.setattr(worker, "open_slot", lambda settings: JudgingSlot(python, opened(box)))
    monkeypatch.setattr(connections, "WORKER_RETRIES", 0)

    with pytest.raises(QueueUnavailable, match="Redis does not answer"):
        worker.run_worker(Settings(redis_url=f"unix://{tmp_path}/nowhere.sock"))

    assert box.closed


def test_of_identical_submissions_of_a_job_one_is_run(python):
    box = FakeBox()
    slot = JudgingSlot(python, opened(box))

    first, again, elsewhere = (
        slot.judge(SUBMISSION.model_copy(update={"id": id}), JOB, TESTS, job_id=job_id)
        for id, job_id in [("a", "j"), ("b", "j"), ("c", "another")]
    )

    assert [each.id for each in (first, again, elsewhere)] == ["a", "b", "c"]
    assert again.results == first.results
    assert box.runs == 3  # checked once, run for each job
    counts = slot.take_counts()
    assert (counts["submissions|python|accepted"], counts["tests|python|accepted"]) == (3, 2)
    assert counts["tests_shared|python"] == 1


def test_tests_that_others_take_over_leave_the_same_judgement(python):
    tests = tuple(TestCase(stdin="2", expected=expected) for expected in ("4", "5", "4", "4"))
    job = Job(problem=Problem(tests=tests), submissions=(SUBMISSION,), reward="fraction_passed")
    slot = JudgingSlot(python, opened(FakeBox()))

    def hand_over(share: Share, position: int) -> None:
        share.end = 2

    first = slot.judge(SUBMISSION, job, tests, job_id="j", share=Share(0, 4, hand_over))
    second = slot.judge(SUBMISSION, job, tests, job_id="j", share=Share(2, 4))
    counted = slot.take_counts()
    whole = slot.whole(SUBMISSION, job, tests, [first, second], job_id="j")

    assert (len(first.results), len(second.results)) == (2, 2)
    assert not any(name.startswith("submissions") for name in counted)
    assert whole == JudgingSlot(python, opened(FakeBox())).judge(SUBMISSION, job, tests, job_id="j")
    assert whole.passed == 3


def test_what_became_of_a_share_is_no_answer_to_an_identical_submission(python):
    tests = tuple(TestCase(stdin="2", expected="4") for _ in range(4))
    slot = JudgingSlot(python, opened(FakeBox()))

    def hand_over(share: Share, position: int) -> None:
        share.end = 1

    slot.judge(SUBMISSION, JOB, tests, job_id="j", share=Share(0, 4, hand_over))
    again = slot.judge(SUBMISSION, JOB, tests, job_id="j", share=Share(0, 4))

    assert len(again.results) == 4


def test_a_failure_of_ours_is_not_handed_on(python):
    slot = JudgingSlot(python, opened(FakeBox(ZeroDivisionError()), FakeBox()))

    verdicts = [slot.judge(SUBMISSION, JOB, TESTS, job_id="j").verdict for _ in range(2)]

    assert verdicts == [Verdict.JUDGE_ERROR, Verdict.ACCEPTED]
