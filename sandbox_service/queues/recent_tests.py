"""The test sets a worker used last, up to a number of bytes."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from sandbox_service.models import TestCase

OVERHEAD_BYTES = 500  # of one test case as an object


class RecentTests:
    """The test sets used last, by digest."""

    def __init__(self, maximum_bytes: int) -> None:
        self._maximum_bytes = maximum_bytes
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[int, Sequence[TestCase]]] = OrderedDict()

    def get(self, digest: str, load: Callable[[], Sequence[TestCase]]) -> Sequence[TestCase]:
        """The tests, loaded unless they are here; the largest set is handed out even if it cannot be kept."""
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest][1]
        tests = load()
        size = sum(_size(test) for test in tests)
        self._kept[digest] = (size, tests)
        self._bytes += size
        while self._bytes > self._maximum_bytes:
            _, (dropped, _) = self._kept.popitem(last=False)
            self._bytes -= dropped
        return tests


def _size(test: TestCase) -> int:
    return OVERHEAD_BYTES + test.size_bytes
