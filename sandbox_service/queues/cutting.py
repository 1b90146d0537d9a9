"""How a job is cut into chunks."""

from collections.abc import Iterator, Mapping, Sequence

from sandbox_service.models import Submission
from sandbox_service.queues.chunks import Chunk, Part, key_of

GUESSED_TEST_SECONDS = 0.02
LEAST_SUBMISSION_SECONDS = 0.001
LEAST_PART_SECONDS = 1.0  # each part compiles for itself
MAXIMUM_SUBMISSIONS = 256
MAXIMUM_SOURCE_BYTES = 4 * 2**20


def cut(
    job_id: str,
    submissions: Sequence[Submission],
    tests: int,
    test_seconds: Mapping[str, float],
    *,
    workers: int,
    chunk_seconds: float,
) -> Iterator[Chunk]:
    """The job in chunks worth about ``chunk_seconds``, and smaller ones when workers would stand idle.

    What takes longest, as far as is known, goes first. Identical submissions stand together, as a worker runs them
    once. With fewer submissions than workers, the tests of a long one are shared out.
    """
    first: dict[str, int] = {}
    firsts = [first.setdefault(key_of(submission), index) for index, submission in enumerate(submissions)]
    own_seconds = [_submission_seconds(submission, tests, test_seconds) for submission in submissions]
    seconds = [own_seconds[index] if firsts[index] == index else 0.0 for index in range(len(submissions))]
    target = min(chunk_seconds, sum(seconds) / max(workers, 1))
    order = sorted(range(len(submissions)), key=lambda index: (-own_seconds[firsts[index]], firsts[index], index))
    for group in _groups(order, submissions, firsts, seconds, target):
        if len(group) > 1:
            yield Chunk(job_id, group)
        else:
            parts = min(workers // len(first), int(own_seconds[group[0]] / LEAST_PART_SECONDS), tests)
            yield from (
                [Chunk(job_id, group, part=part) for part in Part(0, tests).cut(parts)]
                if parts > 1
                else [Chunk(job_id, group)]
            )


def is_one(submissions: Sequence[Submission], tests: int, test_seconds: Mapping[str, float]) -> bool:
    """Whether it comes to one chunk however many workers there are."""
    return len(submissions) == 1 and _submission_seconds(submissions[0], tests, test_seconds) < 2 * LEAST_PART_SECONDS


def _submission_seconds(submission: Submission, tests: int, test_seconds: Mapping[str, float]) -> float:
    """How long judging one submission may take."""
    return max(test_seconds.get(submission.language, GUESSED_TEST_SECONDS) * tests, LEAST_SUBMISSION_SECONDS)


def _groups(
    order: Sequence[int],
    submissions: Sequence[Submission],
    firsts: Sequence[int],
    seconds: Sequence[float],
    target: float,
) -> Iterator[tuple[int, ...]]:
    group: list[int] = []
    group_seconds, group_bytes = 0.0, 0
    for index in order:
        size = len(submissions[index].source)
        full = len(group) >= MAXIMUM_SUBMISSIONS or group_bytes + size > MAXIMUM_SOURCE_BYTES
        # Half a submission over the target is nearer to it than half a submission under it.
        enough = firsts[index] == index and group_seconds + seconds[index] / 2 > target
        if group and (full or enough):
            yield tuple(group)
            group, group_seconds, group_bytes = [], 0.0, 0
        group.append(index)
        group_seconds += seconds[index]
        group_bytes += size
    if group:
        yield tuple(group)
