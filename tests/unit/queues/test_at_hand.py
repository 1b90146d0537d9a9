import time
from collections.abc import Iterable, Sequence

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from sandbox_service.models import Submission
from sandbox_service.queues import at_hand
from sandbox_service.queues.at_hand import AtHand
from sandbox_service.queues.chunks import Chunk, Part


class Workers:
    """So many wait, and take what they are given unless it is too late."""

    def __init__(self, idle: int, *, late: bool = False) -> None:
        self.idle = idle
        self.late = late
        self.kept: Chunk | None = None
        self.given: list[Chunk] = []

    def idle_workers(self) -> int:
        if self.idle < 0:
            raise RedisConnectionError
        return self.idle

    def hand_over(self, chunk_id: str, kept: Chunk, others: Iterable[Chunk]) -> bool:
        if not self.late:
            self.kept, self.idle = kept, 0
            self.given += others
        return not self.late


@pytest.fixture(autouse=True)
def no_patience(monkeypatch):
    monkeypatch.setattr(at_hand, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(at_hand, "LEAST_SHARE_SECONDS", 0.0)


def holding(workers: Workers, sources: str = "a", part: Part | None = None) -> AtHand:
    """A chunk with a submission for each letter."""
    chunk = Chunk("job", tuple(range(len(sources))), deaths=1, part=part)
    submissions = {
        index: Submission(id=f"s{index}", language="python", source=source) for index, source in enumerate(sources)
    }
    return AtHand(workers, "chunk", chunk, submissions)  # type: ignore[arg-type]  # two methods of a journal


def run(held: AtHand, tests: int) -> Sequence[int]:
    ran = []
    for position in held.share(tests).positions():
        time.sleep(0.002)
        ran.append(position)
    return ran


def test_half_of_the_tests_that_are_left_go_to_one_who_waits():
    workers = Workers(1)
    held = holding(workers)

    ran = run(held, 101)

    assert ran == list(range(51))  # the first test is known when the second is looked at
    assert workers.given == [Chunk("job", (0,), deaths=1, part=Part(51, 101))]
    assert workers.kept == held.chunk == Chunk("job", (0,), deaths=1, part=Part(0, 51))


def test_several_take_equal_shares():
    workers = Workers(3)

    ran = run(holding(workers), 101)

    assert len(ran) == 26
    assert [chunk.part for chunk in workers.given] == [Part(26, 51), Part(51, 76), Part(76, 101)]


def test_a_part_is_shared_again():
    workers = Workers(1)

    ran = run(holding(workers, part=Part(50, 61)), 100)

    assert ran == list(range(50, 56))
    assert [chunk.part for chunk in workers.given] == [Part(56, 61)]


def test_tests_that_are_soon_done_stay(monkeypatch):
    monkeypatch.setattr(at_hand, "LEAST_SHARE_SECONDS", 60.0)
    workers = Workers(1)

    assert run(holding(workers), 20) == list(range(20))
    assert workers.given == []


def test_a_source_that_takes_long_to_compile_is_not_compiled_elsewhere_for_less():
    workers = Workers(1)
    held = holding(workers)

    share = held.share(20)
    time.sleep(0.5)  # the compiler
    assert list(share.positions()) == list(range(20))
    assert workers.given == []


def test_a_lone_test_stays():
    workers = Workers(5)

    assert run(holding(workers), 1) == [0]
    assert workers.given == []


@pytest.mark.parametrize(
    ("idle", "sources", "kept", "given"),
    [
        (1, "ab", (0,), [(1,)]),
        (1, "abcd", (0, 1), [(2, 3)]),
        (1, "abcde", (0, 1, 2), [(3, 4)]),
        (2, "abcde", (0, 1), [(2, 4), (3,)]),
        (9, "abc", (0,), [(1,), (2,)]),
        (1, "abbb", (0,), [(1, 2, 3)]),
        (1, "aabb", (0, 1), [(2, 3)]),
        (2, "aaa", (0, 1, 2), []),
    ],
)
def test_other_submissions_go_first_and_what_is_identical_stays_together(idle, sources, kept, given):
    workers = Workers(idle)
    held = holding(workers, sources)

    ran = run(held, 3)

    assert held.indices == kept
    assert [chunk.indices for chunk in workers.given] == given
    assert all(chunk.part is None and chunk.deaths == 1 for chunk in workers.given)
    assert ran == [0, 1, 2]


@pytest.mark.parametrize("workers", [Workers(0), Workers(1, late=True), Workers(-1)], ids=["busy", "late", "no Redis"])
def test_what_nobody_takes_is_done_here(workers: Workers):
    held = holding(workers)

    assert run(held, 10) == list(range(10))
    assert held.chunk == Chunk("job", (0,), deaths=1)
