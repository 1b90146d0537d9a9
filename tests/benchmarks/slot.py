"""A contestant: one slot of the engine in its strongest box, as a worker has it, without queue or HTTP."""

import secrets
from collections.abc import Mapping
from typing import Any

from sandbox_service import logs
from sandbox_service.models import Job, Problem, Submission, TestCase
from sandbox_service.settings import read_settings
from sandbox_service.worker import open_slot
from tests.benchmarks.contestants import answer_requests


def main() -> None:
    logs.configure("error")
    slot = open_slot(read_settings())

    def prepared(work: Mapping[str, Any]) -> list[tuple[Job, tuple[TestCase, ...], str]]:
        """Whatever a worker has before it judges: the queue's part of the work, not the engine's."""
        jobs = []
        for task in work["tasks"]:
            tests = tuple(TestCase(stdin=stdin, expected=expected) for stdin, expected in task["tests"])
            problem = Problem(tests=tests)
            submissions = tuple(
                Submission(id=str(number), language=work["language"], source=source)
                for number, source in enumerate(task["sources"])
            )
            jobs.append((Job(problem=problem, submissions=submissions), tests, secrets.token_hex(8)))
        return jobs

    def judge(jobs: list[tuple[Job, tuple[TestCase, ...], str]]) -> Mapping[str, Any]:
        verdicts = list[str]()
        cpu_seconds = 0.0
        for job, tests, job_id in jobs:
            for submission in job.submissions:
                judgement = slot.judge(submission, job, tests, job_id=job_id)
                verdicts.append(str(judgement.verdict))
                cpu_seconds += sum(result.cpu_seconds for result in judgement.results)
        return {"verdicts": verdicts, "program_cpu_seconds": cpu_seconds}

    try:
        answer_requests(judge, prepared)
    finally:
        slot.close()


if __name__ == "__main__":
    main()
