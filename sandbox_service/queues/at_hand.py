"""What a worker has at hand, of which it hands over to others what they can begin with sooner."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import groupby

from redis.exceptions import RedisError

from sandbox_service.models import Submission
from sandbox_service.queues.chunks import Chunk, Part, key_of
from sandbox_service.queues.journal import Journal
from sandbox_service.shares import Share

LOOK_SECONDS = 0.25  # between two looks for workers that wait
LEAST_SHARE_SECONDS = 0.25  # tests worth less are not handed over; whoever gets them reads and compiles for itself


class AtHand:
    """What of a chunk is not answered yet; the first of its submissions is the one that is being judged."""

    def __init__(self, journal: Journal, chunk_id: str, chunk: Chunk, submissions: Mapping[int, Submission]) -> None:
        self.chunk = chunk
        self._journal = journal
        self._chunk_id = chunk_id
        self._submissions = submissions
        self._next_look = time.monotonic() + LOOK_SECONDS
        self._began = 0.0
        self._ran = 0.0

    @property
    def indices(self) -> tuple[int, ...]:
        return self.chunk.indices

    def done(self) -> None:
        """The first submission has its answer."""
        self.chunk = replace(self.chunk, indices=self.indices[1:])

    def share(self, tests: int) -> Share:
        """Which of so many tests of the submission are to be run here; fewer, when others take some."""
        self._began = time.monotonic()
        part = self.chunk.part or Part(0, tests)
        return Share(part.first, part.end, self._look)

    def _look(self, share: Share, position: int) -> None:
        now = time.monotonic()
        if position == share.first:
            self._ran = now
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        with suppress(RedisError):
            if idle := self._journal.idle_workers():
                self._hand_over(share, position, idle)

    def _hand_over(self, share: Share, position: int, idle: int) -> None:
        others = self._other_submissions(idle)
        if others:
            given = {index for chunk in others for index in chunk.indices}
            kept = replace(self.chunk, indices=tuple(index for index in self.indices if index not in given))
            if self._journal.hand_over(self._chunk_id, kept, others):
                self.chunk = kept
        elif len(self.indices) == 1:
            first, *parts = Part(position, share.end).cut(self._pieces(share, position, idle))
            mine = Part(share.first, first.end)
            others = [replace(self.chunk, part=part) for part in parts]
            if others and self._journal.hand_over(self._chunk_id, replace(self.chunk, part=mine), others):
                self.chunk = replace(self.chunk, part=mine)
                share.end = mine.end

    def _other_submissions(self, idle: int) -> Sequence[Chunk]:
        """A chunk for each that waits, of the submissions behind the one at hand; what is identical stays together."""
        groups = list(self._groups())
        if not groups:
            return ()
        workers = min(idle, len(groups))
        # The one at hand is begun: of as many as there are workers all can be given away.
        given = len(groups) - len(groups) // (idle + 1)
        mine = len(groups) - given
        shares = [groups[mine + number : len(groups) : workers] for number in range(workers)]
        return [replace(self.chunk, indices=tuple(index for group in share for index in group)) for share in shares]

    def _groups(self) -> Iterator[tuple[int, ...]]:
        at_hand, *rest = self.indices
        keys = {index: key_of(self._submissions[index]) for index in self.indices if index in self._submissions}
        for key, group in groupby(rest, keys.get):
            if key != keys.get(at_hand):
                yield tuple(group)

    def _pieces(self, share: Share, position: int, idle: int) -> int:
        """In how many pieces of at least ``LEAST_SHARE_SECONDS`` what is left may be cut, the own one included."""
        if position == share.first:
            return 1  # nothing is known yet
        now = time.monotonic()
        left = (now - self._ran) / (position - share.first) * (share.end - position)
        least = max(LEAST_SHARE_SECONDS, self._ran - self._began)  # others have to compile it, too
        return min(int(left / least), idle + 1)
