"""What a set of tests is as a whole, without its tests."""

from collections.abc import Mapping, Sequence

from sandbox_service.models.fields import Frozen
from sandbox_service.models.tests import AssertionMode, TestCase, TestKind


class Outline(Frozen):
    """All of a set that a problem, a language or a reward has to go with; known before its tests are read.

    ``groups`` has the position of the first test of each, and so have ``split`` of those that ask for that mode and
    ``called`` of those with arguments for a checker program. ``weighs`` says whether any test counts for something.
    """

    tests: int
    kind: TestKind
    groups: Mapping[str, int]
    weighs: bool
    split: int | None
    called: int | None

    @classmethod
    def of(cls, tests: Sequence[TestCase]) -> "Outline":
        """The outline of these tests, which are of one kind."""
        groups: dict[str, int] = {}
        for position, test in enumerate(tests):
            if test.group is not None:
                groups.setdefault(test.group, position)
        return cls.model_construct(
            tests=len(tests),
            kind=tests[0].kind,
            groups=groups,
            weighs=any(test.weight is None or test.weight > 0 for test in tests),
            split=next((n for n, test in enumerate(tests) if test.mode is AssertionMode.SPLIT), None),
            called=next((n for n, test in enumerate(tests) if test.checker_arguments), None),
        )
