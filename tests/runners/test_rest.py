"""A slot that has nothing to do gives back what was not there at its start, and works on as before."""

import os
from pathlib import Path

from sandbox_service.equipment import boxes_of, compiler_of
from sandbox_service.models import Job, Problem, Submission, TestCase, Verdict
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings
from sandbox_service.worker import JudgingSlot

TESTS = (TestCase(stdin="2", expected="4"),)
# Wanted by name, whether it is installed or not.
SOURCE = "try:\n    import numpy\nexcept ImportError:\n    pass\nprint(int(input()) ** 2)"


def own_processes() -> int:
    return len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def judged(slot: JudgingSlot, job_id: str) -> Verdict:
    submission = Submission(id="s", language="python", source=SOURCE)
    job = Job(problem=Problem(tests=TESTS), submissions=(submission,))
    return slot.judge(submission, job, TESTS, job_id=job_id).verdict


def test_a_slot_at_rest_closes_the_boxes_that_it_opened_on_the_way() -> None:
    before = own_processes()
    settings = Settings()
    slot = JudgingSlot({"python": read_runners(settings)["python"]}, boxes_of(settings), compiler_of(settings))
    slot.warm_up()
    try:
        at_start = own_processes()
        first = judged(slot, "first")
        in_use = own_processes()
        slot.rest()
        at_rest = own_processes()
        second = judged(slot, "second")
    finally:
        slot.close()

    assert first is second is Verdict.ACCEPTED
    assert before < at_start < in_use
    assert (at_rest, own_processes()) == (at_start, before)
