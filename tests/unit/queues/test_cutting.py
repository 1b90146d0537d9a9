import itertools
from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from sandbox_service.models import Submission
from sandbox_service.queues import cutting
from sandbox_service.queues.chunks import Chunk, Part, one_after_the_other
from sandbox_service.queues.cutting import MAXIMUM_SOURCE_BYTES, MAXIMUM_SUBMISSIONS


def submissions(number: int, source: str = "x") -> list[Submission]:
    """No two of them alike."""
    return [Submission(id=str(i), language="python", source=f"{i} {source}") for i in range(number)]


def cut(
    submissions: Sequence[Submission],
    tests: int,
    test_seconds: Mapping[str, float],
    *,
    workers: int,
    chunk_seconds: float = 0.5,
) -> list[tuple[int, ...]]:
    """The submissions of each chunk, when none of them is shared out."""
    chunks = list(cutting.cut("job", submissions, tests, test_seconds, workers=workers, chunk_seconds=chunk_seconds))
    assert all(chunk.part is None for chunk in chunks)
    return [chunk.indices for chunk in chunks]


def sizes(number: int, test_seconds: float, *, workers: int = 1, tests: int = 1) -> list[int]:
    costs = {"python": test_seconds}
    return [len(c) for c in cut(submissions(number), tests, costs, workers=workers)]


def test_a_lone_submission_goes_at_once():
    assert sizes(1, 0.9, workers=8) == [1]


def test_a_flood_is_cut_into_pieces_of_a_good_fraction_of_a_second():
    assert sizes(100, 0.02) == [25, 25, 25, 25]


def test_every_worker_gets_work():
    assert sizes(8, 0.005, workers=4) == [2, 2, 2, 2]


def test_slow_submissions_go_one_by_one():
    assert sizes(5, 0.1, tests=20) == [1] * 5


def test_a_chunk_has_a_greatest_length_and_size():
    free = {"python": 0.0}

    many = cut(submissions(3000), 1, free, workers=1, chunk_seconds=100)
    large = cut(submissions(5, "x" * (MAXIMUM_SOURCE_BYTES // 2 - 100)), 1, free, workers=1, chunk_seconds=100)

    assert max(len(chunk) for chunk in many) == MAXIMUM_SUBMISSIONS
    assert [len(chunk) for chunk in large] == [2, 2, 1]


@given(st.integers(1, 400), st.integers(1, 50), st.floats(0, 5), st.integers(0, 64))
def test_every_submission_is_in_one_chunk(number, tests, test_seconds, workers):
    costs = {"python": test_seconds}

    chunks = cutting.cut("job", submissions(number), tests, costs, workers=workers, chunk_seconds=0.5)

    whole_or_first = [chunk for chunk in chunks if chunk.part is None or chunk.part.first == 0]
    assert [index for chunk in whole_or_first for index in chunk.indices] == list(range(number))


def test_identical_submissions_stand_together_and_cost_nothing():
    alike = [Submission(id=str(i), language="python", source=f"{i % 3}") for i in range(12)]

    chunks = cut(alike, 10, {"python": 0.05}, workers=1)

    assert chunks == [(0, 3, 6, 9), (1, 4, 7, 10), (2, 5, 8, 11)]


def test_another_option_makes_another_program():
    options: list[dict[str, str]] = [{}, {"standard": "c++20"}, {}]
    some = [Submission(id=str(i), language="cpp", source="x", options=chosen) for i, chosen in enumerate(options)]

    assert cut(some, 1, {"cpp": 1.0}, workers=1) == [(0, 2), (1,)]


def test_what_takes_longest_goes_first():
    languages = ["cpp", "python", "java", "python"]
    some = [Submission(id=str(i), language=language, source=f"{i}") for i, language in enumerate(languages)]

    chunks = cut(some, 10, {"cpp": 0.001, "python": 0.02, "java": 0.1}, workers=2)

    assert chunks == [(2,), (1, 3, 0)]


def test_the_tests_of_a_long_submission_are_shared_out():
    chunks = list(cutting.cut("job", submissions(1), 1000, {"python": 0.003}, workers=2, chunk_seconds=0.5))

    assert chunks == [Chunk("job", (0,), part=Part(0, 500)), Chunk("job", (0,), part=Part(500, 1000))]


def test_with_work_for_everybody_no_submission_is_shared_out():
    assert sizes(3, 1.0, workers=3, tests=10) == [1, 1, 1]


@given(st.integers(0, 100), st.integers(1, 10_000), st.integers(-1, 100))
def test_every_test_is_in_one_part(first, tests, number):
    parts = Part(first, first + tests).cut(number)

    assert [test for part in parts for test in range(part.first, part.end)] == list(range(first, first + tests))
    assert len(parts) == max(min(number, tests), 1)
    assert max(part.end - part.first for part in parts) - min(part.end - part.first for part in parts) <= 1


@given(st.data())
def test_parts_cut_twice_in_different_places_come_to_the_whole_once(data):
    tests = data.draw(st.integers(2, 30))
    cuts = st.sets(st.integers(1, tests - 1), max_size=4)
    ways = [[0, *sorted(data.draw(cuts)), tests] for _ in range(3)]
    parts = {Part(first, end) for way in ways for first, end in itertools.pairwise(way)}

    whole = one_after_the_other(parts, tests)
    assert whole is not None
    assert [test for part in whole for test in range(part.first, part.end)] == list(range(tests))


def test_parts_of_which_one_is_missing_are_no_whole():
    assert one_after_the_other([Part(0, 4), Part(0, 6), Part(4, 7), Part(7, 9)], 10) is None
    assert one_after_the_other([Part(0, 5), Part(6, 10)], 10) is None
    assert one_after_the_other([], 10) is None
