from prometheus_client.parser import text_string_to_metric_families

from sandbox_service.metrics import CAUSES, QUEUE_WAIT_SECONDS, Now, Tally, exposition
from sandbox_service.models import Isolation, Judgement, Submission, TestResult, Tier, Verdict
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.slots import judge_error

JUDGEMENT = judge_error(Submission(id="s", language="python", source=""), 1, "the judge failed")
IDLE = WorkerStatus("w0", ("python",), Isolation(tier=Tier.LANDLOCK, layers={}), None)
BUSY = WorkerStatus("w1", ("python",), Isolation(tier=Tier.NAMESPACES, layers={}), "job", "native")
NOTHING = Now(0, 100, (), {})


def shown(tally: Tally, now: Now = NOTHING) -> dict[tuple[str, ...], float]:
    families = text_string_to_metric_families(exposition(tally.take(), now).decode())
    return {(s.name.removeprefix("sandbox_"), *s.labels.values()): s.value for f in families for s in f.samples}


def with_two_tests(cpu_seconds: float, memory_bytes: int) -> Judgement:
    result = TestResult(
        verdict=Verdict.ACCEPTED,
        score=1.0,
        cpu_seconds=cpu_seconds,
        wall_seconds=cpu_seconds,
        memory_bytes=memory_bytes,
        exit_code=0,
        signal=None,
        stdout="",
        stdout_truncated=False,
        stderr="",
        stderr_truncated=False,
    )
    return JUDGEMENT.model_copy(update={"verdict": Verdict.ACCEPTED, "results": (result, result)})


def test_what_workers_counted_is_shown():
    tally = Tally()
    for seconds in (0.003, 0.3, 0.3):
        tally.judged("python", JUDGEMENT, seconds)

    found = shown(tally)

    assert found["submissions_total", "python", "judge_error"] == 3
    assert found["submission_seconds_bucket", "python", "0.005"] == 1
    assert found["submission_seconds_bucket", "python", "+Inf"] == 3
    assert found["submission_seconds_sum", "python"] == 0.603


def test_every_test_counts_with_its_cpu_time_and_memory():
    tally = Tally()
    tally.judged("python", with_two_tests(cpu_seconds=0.02, memory_bytes=3 * 2**20), 0.1)

    found = shown(tally)

    assert found["tests_total", "python", "accepted"] == 2
    assert (
        found["test_cpu_seconds_bucket", "python", "0.01"],
        found["test_cpu_seconds_bucket", "python", "0.025"],
    ) == (
        0,
        2,
    )
    assert found["test_memory_bytes_bucket", "python", "4194304.0"] == 2
    assert found["test_memory_bytes_count", "python"] == 2


def test_a_chunk_counts_as_often_as_it_has_submissions():
    tally = Tally()
    tally.observe(QUEUE_WAIT_SECONDS, "native", value=10_000.0, times=32)

    found = shown(tally)

    buckets = [found["queue_wait_seconds_bucket", "native", bound] for bound in ("1800.0", "+Inf")]
    assert buckets == [0, 32]
    assert found["queue_wait_seconds_sum", "native"] == 320_000


def test_failures_of_ours_are_told_apart_by_few_causes_that_are_there_from_the_first():
    tally = Tally()
    tally.failed("BoxBroken")
    tally.failed("ZeroDivisionError")

    found = shown(tally)

    assert {cause: found["judge_errors_total", cause] for cause in CAUSES} == {
        "BoxBroken": 1,
        "SandboxUnavailable": 0,
        "BadRequest": 0,
        "WorkersDied": 0,
        "other": 1,
    }
    assert found["leases_lost_total",] == 0


def test_slots_are_busy_or_idle():
    found = shown(Tally(), Now(7, 100, (IDLE, BUSY, BUSY), {}))

    assert (found["queued_submissions",], found["queued_submissions_maximum",], found["workers",]) == (7, 100, 3)
    assert [found["slots", "namespaces", "native", state] for state in ("busy", "idle")] == [2, 0]
    assert [found["slots", "landlock", "(common)", state] for state in ("busy", "idle")] == [0, 1]


def test_what_waits_is_told_by_lane():
    found = shown(Tally(), Now(7, 100, (), {"": 2, "native": 0}))

    assert (found["waiting_chunks", "(common)"], found["waiting_chunks", "native"]) == (2, 0)


def test_tests_that_were_shared_are_not_counted_as_run():
    tally = Tally()
    judgement = with_two_tests(cpu_seconds=0.02, memory_bytes=3 * 2**20)
    tally.judged("python", judgement, 0.1)
    tally.shared("python", judgement)

    found = shown(tally)

    assert (found["submissions_total", "python", "accepted"], found["submission_seconds_count", "python"]) == (2, 1)
    assert (found["tests_total", "python", "accepted"], found["tests_shared_total", "python"]) == (2, 2)
    assert found["test_cpu_seconds_count", "python"] == 2


def test_a_count_is_taken_once():
    tally = Tally()
    tally.judged("python", JUDGEMENT, 0.1)

    assert tally.take()
    assert tally.take() == {}
