"""How programs with their inputs are put together into jobs."""

import pytest
from pydantic import JsonValue

from sandbox_service.compat.runs import Run, plan
from sandbox_service.models import Call


def calling(source: str, argument: JsonValue, expected: JsonValue = None) -> Run:
    return Run(language="python", source=source, call=Call(function="f", arguments=(argument,)), expected=expected)


@pytest.mark.parametrize("other", [1, 1.0])
def test_arguments_that_only_python_finds_equal_are_not_the_same(other: JsonValue):
    _, places, jobs = plan([calling("a", True), calling("b", other)], stop_on_failure=False)

    assert len(jobs) == 2
    (test,) = jobs[1].problem.tests or ()
    assert test.call is not None
    assert repr(test.call.arguments[0]) == repr(other)
    assert (places[1].submission_id, places[1].test) == (jobs[1].submissions[0].id, 0)


def test_expected_values_that_only_python_finds_equal_are_not_the_same():
    _, _, jobs = plan([calling("a", 1, True), calling("b", 1, 1)], stop_on_failure=False)

    assert len(jobs) == 2


def test_programs_with_the_same_calls_share_a_job():
    _, _, jobs = plan([calling("a", [1, None]), calling("b", [1, None])], stop_on_failure=False)

    assert [len(job.submissions) for job in jobs] == [2]
