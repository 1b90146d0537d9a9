"""Every example of every language gets the verdict that its file is named after."""

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.judge import Rules, judge
from sandbox_service.models import Job, Verdict
from sandbox_service.runners import Example, Runner, examples, read_runners
from sandbox_service.sandboxes import Boxes
from sandbox_service.settings import Settings

SETTINGS = Settings()
RUNNERS = read_runners(SETTINGS)
EVERY_EXAMPLE = [
    pytest.param(runner, example, id=example.submission.id)
    for runner in RUNNERS.values()
    for example in examples(runner, SETTINGS)
]
# The defaults are what the examples themselves are judged with.
OTHER_CHOICES = [
    pytest.param(runner, name, choice, id=f"{runner.name}: {name}={choice}")
    for runner in RUNNERS.values()
    for name, option in runner.options.items()
    for choice in option.choices
    if choice != option.default
]
VERDICTS_OF_PROGRAMS = set(Verdict) - {Verdict.JUDGE_ERROR}


def needs(runner: Runner) -> None:
    if missing := runner.missing():
        pytest.skip(f"{runner.title} is not installed here; " + "; ".join(missing.values()))


@pytest.mark.parametrize(("runner", "example"), EVERY_EXAMPLE)
def test_an_example_gets_the_verdict_it_is_named_after(runner: Runner, example: Example, box):
    needs(runner)
    assert example.problem.tests is not None
    job = Job(problem=example.problem, submissions=(example.submission,), stop_on_failure=True)
    rules = Rules.of(job, example.problem.tests)

    judgement = judge(example.submission, rules, runner, Boxes(lambda _: box), Compiler())

    assert judgement.verdict == example.verdict, judgement


@pytest.mark.parametrize("runner", RUNNERS.values(), ids=RUNNERS)
def test_a_language_has_an_example_of_every_verdict(runner: Runner):
    assert {example.verdict for example in examples(runner, SETTINGS)} == VERDICTS_OF_PROGRAMS


@pytest.mark.parametrize(("runner", "option", "choice"), OTHER_CHOICES)
def test_every_other_choice_of_an_option_takes_the_accepted_example(runner: Runner, option: str, choice: str, box):
    needs(runner)
    example = next(each for each in examples(runner, SETTINGS) if each.verdict is Verdict.ACCEPTED)
    assert example.problem.tests is not None
    submission = example.submission.model_copy(update={"options": {option: choice}})
    rules = Rules.of(Job(problem=example.problem, submissions=(submission,)), example.problem.tests)

    judgement = judge(submission, rules, runner, Boxes(lambda _: box), Compiler())

    assert judgement.verdict == Verdict.ACCEPTED, judgement
