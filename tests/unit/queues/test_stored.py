import pytest

from sandbox_service.models import Choice, Isolation, Job, Outline, Problem, Submission, TestCase, TestSet, Tier
from sandbox_service.queues import stored
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.slots import judge_error

SUBMISSION = Submission(id="é", language="python", source="print('☃')", options={"standard": "c++20"})


def test_a_job_is_read_as_it_was_written():
    job = Job(
        problem=Problem(tests=(TestCase(stdin="2"),), checker=Choice(name="floats", absolute=1e-6)),
        submissions=(SUBMISSION,),
        stop_on_failure=True,
        reward=Choice(name="fraction_passed"),
    )
    digest = "sha256:" + "0" * 64

    fields = stored.job_fields("j", job, digest, 1, "replies", 60)
    read = stored.read_job("j", str(fields["job"]), digest.encode())

    assert read.test_set == digest
    assert read.job.problem.checker == job.problem.checker
    assert (read.job.stop_on_failure, read.job.reward) == (True, job.reward)
    assert "☃" not in str(fields["job"]), "sources are kept apart"


def test_the_programs_of_a_problem_are_read_as_they_were_written():
    program = {"language": "cpp", "source": "int main() {}", "protocol": "kattis", "files": {"a.h": "IQ=="}}
    for brought in ({"checker": {"name": "program", **program}}, {"interactor": program, "passes": 3}):
        problem = Problem.model_validate({"tests": [{"stdin": "2"}], **brought})
        job = Job(problem=problem, submissions=(SUBMISSION,))

        fields = stored.job_fields("j", job, "sha256:" + "0" * 64, 1, "replies", 60)
        read = stored.read_job("j", str(fields["job"]), b"sha256:0").job.problem

        assert (read.checker, read.interactor, read.passes) == (problem.checker, problem.interactor, problem.passes)


def test_a_submission_is_read_as_it_was_written():
    assert stored.read_submission(stored.write_submission(SUBMISSION)) == SUBMISSION


def test_a_judgement_is_read_as_it_was_written():
    judgement = judge_error(SUBMISSION, 3, "the judge failed")

    assert stored.read_judgement(stored.write_judgement(judgement)) == judgement


def test_a_workers_status_is_read_as_it_was_written():
    status = WorkerStatus("w", ["python"], Isolation(tier=Tier.LANDLOCK, layers={"landlock": "ABI 7"}), None)

    assert stored.read_status(stored.write_status(status)) == status


def test_the_outline_of_a_test_set_is_kept_beside_it():
    test_set = TestSet.model_validate({"tests": [{"assertions": "f()"}, {"assertions": "f()", "mode": "split"}]})

    kept = stored.test_set_fields(test_set.canonical(), Outline.of(test_set.tests), 60)["outline"]

    assert stored.read_outline(str(kept)) == Outline.of(test_set.tests)
    assert Outline.of(test_set.tests).split == 1


@pytest.mark.parametrize("kept", [None, b"3", b"{}", b'{"tests": 3}'])
def test_a_test_set_without_an_outline_that_can_be_read_counts_as_not_kept(kept: bytes | None):
    assert stored.read_outline(kept) is None
