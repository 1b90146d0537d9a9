"""What a problem package holds, whichever tool it was written for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox_service.models import Problem, Submission, Verdict


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of a package that is missing or cannot be read; the rest of it can be used."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Timing:
    """The time limit, or how it follows from the slowest accepted submission."""

    limit_seconds: float | None = None
    multiplier: float = 5.0
    safety_margin: float = 2.0
    resolution_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class TestRule:
    """What must hold of the tests that a pattern names; of all without one."""

    __test__ = False

    pattern: str | None = None
    permitted: frozenset[Verdict] | None = None
    required: frozenset[Verdict] | None = None
    score: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a submission's place in the package, or a note in it, says that it gets.

    ``verdicts`` are those that the whole may have, where its first failure decides; ``partial`` that it has some of
    the points and not all. ``said`` is all of it in words.
    """

    said: str
    verdicts: frozenset[Verdict] | None = None
    partial: bool = False
    score: tuple[float, float] | None = None
    rules: tuple[TestRule, ...] = ()


@dataclass(frozen=True, slots=True)
class PackagedSubmission:
    """A submission under its path in the package; ``sets_time_limit`` when its time is what the limit follows from."""

    submission: Submission
    expectation: Expectation
    sets_time_limit: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something among the submissions that is not judged, and why."""

    where: str
    why: str


@dataclass(frozen=True, slots=True)
class Package:
    """A problem, its example submissions, and all that could not be read of it.

    ``test_names`` are those of the problem's tests, in their order; ``problem`` is None when there is no test at all.
    Its CPU limit is missing where the time limit has to be found first. ``lacking`` says what it is that nobody can be
    judged by, where it is so.
    """

    name: str
    folder: Path
    problem: Problem | None
    test_names: Sequence[str]
    timing: Timing
    submissions: Sequence[PackagedSubmission] = ()
    skipped: Sequence[Skipped] = ()
    faults: Sequence[Fault] = ()
    lacking: str | None = None
