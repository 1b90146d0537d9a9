from sandbox_service.models import TestCase
from sandbox_service.queues.recent_tests import RecentTests

KILOBYTE = (TestCase(stdin="x" * 1000),)


class Store:
    """Counts how often something is loaded."""

    def __init__(self) -> None:
        self.loads = 0

    def load(self) -> tuple[TestCase, ...]:
        self.loads += 1
        return KILOBYTE


def test_a_test_set_is_loaded_once():
    store, recent = Store(), RecentTests(10_000)

    assert recent.get("a", store.load) == recent.get("a", store.load) == KILOBYTE
    assert store.loads == 1


def test_what_was_used_longest_ago_is_dropped():
    store, recent = Store(), RecentTests(3_500)

    for digest in ("a", "b", "a", "c", "a", "b"):
        recent.get(digest, store.load)

    assert store.loads == 4, "b was dropped for c"


def test_a_set_that_is_too_large_to_keep_is_handed_out():
    store, recent = Store(), RecentTests(10)

    assert recent.get("a", store.load) == KILOBYTE
