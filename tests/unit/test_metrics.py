from prometheus_client.parser import text_string_to_metric_families

from sandbox_service.metrics import JUDGE_ERRORS, Tally, exposition
from sandbox_service.models import Submission
from sandbox_service.queues.slots import judge_error

JUDGEMENT = judge_error(Submission(id="s", language="python", source=""), 1, "the judge failed")


def samples(text: bytes) -> dict[tuple[str, tuple[str, ...]], float]:
    families = text_string_to_metric_families(text.decode())
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def test_what_workers_counted_is_shown():
    tally = Tally()
    for seconds in (0.003, 0.3, 0.3):
        tally.judged("python", JUDGEMENT, seconds)
    tally.count(JUDGE_ERRORS, "BoxBroken")

    shown = samples(exposition(tally.take(), {"queued_submissions": 7, "workers": 2}))

    assert shown["sandbox_queued_submissions", ()] == 7
    assert shown["sandbox_submissions_total", ("python", "judge_error")] == 3
    assert shown["sandbox_judge_errors_total", ("BoxBroken",)] == 1
    assert shown["sandbox_submission_seconds_bucket", ("python", "0.005")] == 1
    assert shown["sandbox_submission_seconds_bucket", ("python", "+Inf")] == 3
    assert shown["sandbox_submission_seconds_sum", ("python",)] == 0.603


def test_a_count_is_taken_once():
    tally = Tally()
    tally.judged("python", JUDGEMENT, 0.1)

    assert tally.take()
    assert tally.take() == {}
