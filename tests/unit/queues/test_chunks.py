from hypothesis import given
from hypothesis import strategies as st

from sandbox_service.models import Submission
from sandbox_service.queues.chunks import MAXIMUM_SOURCE_BYTES, MAXIMUM_SUBMISSIONS, cut


def submissions(number: int, source: str = "x") -> list[Submission]:
    """No two of them alike."""
    return [Submission(id=str(i), language="python", source=f"{i} {source}") for i in range(number)]


def sizes(number: int, test_seconds: float, *, workers: int = 1, tests: int = 1) -> list[int]:
    costs = {"python": test_seconds}
    return [len(c) for c in cut(submissions(number), tests, costs, workers=workers, chunk_seconds=0.5)]


def test_a_lone_submission_goes_at_once():
    assert sizes(1, 10.0, workers=8) == [1]


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
    chunks = cut(submissions(number), tests, {"python": test_seconds}, workers=workers, chunk_seconds=0.5)

    assert [index for chunk in chunks for index in chunk] == list(range(number))


def test_identical_submissions_stand_together_and_cost_nothing():
    alike = [Submission(id=str(i), language="python", source=f"{i % 3}") for i in range(12)]

    chunks = list(cut(alike, 10, {"python": 0.05}, workers=1, chunk_seconds=0.5))

    assert chunks == [(0, 3, 6, 9), (1, 4, 7, 10), (2, 5, 8, 11)]


def test_another_option_makes_another_program():
    options: list[dict[str, str]] = [{}, {"standard": "c++20"}, {}]
    some = [Submission(id=str(i), language="cpp", source="x", options=chosen) for i, chosen in enumerate(options)]

    assert list(cut(some, 1, {"cpp": 1.0}, workers=1, chunk_seconds=0.5)) == [(0, 2), (1,)]
