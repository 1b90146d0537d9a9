"""What is judged in a benchmark: jobs of submissions with the verdicts that they must get."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sandbox_service.models import Job, Problem, RequestedLimits, Submission, TestCase, TestSet

Test = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One program and what must be said of it."""

    language: str
    source: str
    verdict: str = "accepted"


@dataclass(frozen=True, slots=True)
class Task:
    """One problem with all its tests, and the programs to judge against it."""

    name: str
    tests: Sequence[Test]
    entries: Sequence[Entry]
    limits: dict[str, float] = field(default_factory=dict)
    checker: dict[str, object] | str = "tokens"

    @property
    def executions(self) -> int:
        return len(self.tests) * len(self.entries)

    def test_cases(self) -> tuple[TestCase, ...]:
        return tuple(TestCase(stdin=stdin, expected=expected) for stdin, expected in self.tests)

    def test_set(self) -> TestSet:
        return TestSet(tests=self.test_cases())

    def submissions(self) -> Iterator[Submission]:
        for position, entry in enumerate(self.entries):
            yield Submission(id=f"s{position}", language=entry.language, source=entry.source)

    def job(self) -> Job:
        problem = Problem.model_validate(
            {"tests": self.test_cases(), "limits": RequestedLimits.model_validate(self.limits), "checker": self.checker}
        )
        return Job(problem=problem, submissions=tuple(self.submissions()))


def executions(tasks: Sequence[Task]) -> int:
    return sum(task.executions for task in tasks)
