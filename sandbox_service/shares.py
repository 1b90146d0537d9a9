"""Which tests of a submission are run in one place; the rest may be handed over while it runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(slots=True)
class Share:
    """The tests from ``first`` to before ``end``.

    ``look`` is told the position of each test before it is run, and may bring the end nearer, but not before that test.
    """

    first: int
    end: int
    look: Callable[["Share", int], None] | None = None

    def positions(self) -> Iterator[int]:
        """What is to be run, one after the other."""
        position = self.first
        while position < self.end:
            if self.look is not None:
                self.look(self, position)
            yield position
            position += 1

    def is_all_of(self, tests: int) -> bool:
        return self.first == 0 and self.end == tests
