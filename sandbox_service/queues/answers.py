"""The one reader of an API process: hands every answer to those who wait for it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import redis.asyncio
from redis.exceptions import RedisError

from sandbox_service.errors import QueueUnavailable, UnknownJob
from sandbox_service.models import Judgement
from sandbox_service.queues import stored
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.stored import Stored

FOREIGN_POLL_SECONDS = 0.2
OWN_POLL_SECONDS = 1.0  # a notification may be lost with a restart of Redis
STREAM_TTL_SECONDS = 60
GONE_AFTER_SECONDS = 5.0
BATCH = 500
BLOCK_MS = 100
UNTRIMMED = 1000  # entries that were read and may stay in Redis


class Watch:
    """One who waits for the answers of one job."""

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.seen: set[int] = set()
        self.ready: asyncio.Queue[Judgement | Exception | None] = asyncio.Queue()
        self.next_poll = 0.0
        self.known = False
        self.missing_since: float | None = None

    def give(self, index: int, judgement: Judgement) -> None:
        if index not in self.seen:
            self.seen.add(index)
            self.ready.put_nowait(judgement)

    def end(self, error: Exception | None) -> None:
        self.next_poll = float("inf")
        self.ready.put_nowait(error)


class Progress(NamedTuple):
    """How far a job is; ``pending`` is None when there is no such job."""

    pending: int | None
    done: int
    reply: str

    @classmethod
    def read(cls, pending: bytes | None, done: bytes | None, reply: bytes | None) -> "Progress":
        return cls(None if pending is None else int(pending), int(done or 0), (reply or b"").decode())


class News(NamedTuple):
    """What an entry of the stream tells: which answers are ready, and as a rule all that those who wait must know."""

    indices: frozenset[int]
    progress: Progress | None
    answers: Mapping[int, bytes]

    @classmethod
    def read(cls, fields: Mapping[bytes, bytes], stream: str) -> "News":
        indices = frozenset(int(index) for index in fields[b"indices"].split(b",") if index)
        if b"pending" not in fields:
            return cls(indices, None, {})
        progress = Progress(int(fields[b"pending"]), int(fields[b"done"]), stream)
        return cls(indices, progress, {index: fields[name] for index in indices if (name := b"%d" % index) in fields})


class AnswerReader:
    """Follows one reply stream, and polls what no stream tells of."""

    def __init__(self, client: redis.asyncio.Redis, keys: Keys, may_return: Callable[[str], bool]) -> None:
        self._redis = client
        self._keys = keys
        self._may_return = may_return
        self._last_entry: bytes | str = "0-0"
        self._watches: dict[str, list[Watch]] = {}
        self._task: asyncio.Task[None] | None = None
        self._next_touch = 0.0
        self._untrimmed = 0
        self._closing = False
        self.stream = keys.replies(secrets.token_hex(8))

    async def follow(self, job_id: str) -> AsyncIterator[Judgement]:
        """Every answer of the job once, those that are there already first."""
        self.start()
        watch = Watch(job_id)
        self._watches.setdefault(job_id, []).append(watch)
        try:
            with suppress(RedisError):  # the reader's polling comes back to it
                await self._refresh({job_id: None})
            while True:
                ready = await watch.ready.get()
                if ready is None:
                    return
                if isinstance(ready, Exception):
                    raise ready
                yield ready
        finally:
            self._watches[job_id].remove(watch)
            if not self._watches[job_id]:
                del self._watches[job_id]

    def start(self) -> None:
        """Begin to read; needs a running loop."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_for_ever(), name="answers")

    async def close(self) -> None:
        if self._task is not None:
            self._closing = True  # redis-py turns some cancellations into time-outs
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        with suppress(RedisError):
            await self._redis.delete(self.stream)

    # ------------------------------------------------------------ the reader

    async def _read_for_ever(self) -> None:
        while not self._closing:
            try:
                await self._touch()
                await self._refresh(await self._news())
            except (RedisError, OSError):
                # Whatever was told meanwhile may be lost: look at every awaited job again.
                for watches in self._watches.values():
                    for watch in watches:
                        watch.next_poll = 0.0
                self._next_touch = 0.0
                await asyncio.sleep(0.1)

    async def _touch(self) -> None:
        """Keep the stream, which workers write to only while it exists."""
        now = asyncio.get_running_loop().time()
        if now < self._next_touch:
            return
        if not await self._redis.expire(self.stream, STREAM_TTL_SECONDS):
            await self._redis.xadd(self.stream, {"job": "", "indices": ""})
            await self._redis.expire(self.stream, STREAM_TTL_SECONDS)
            self._last_entry = "0-0"
        self._next_touch = now + STREAM_TTL_SECONDS / 6

    async def _news(self) -> dict[str, set[int] | None]:
        """The awaited jobs with answers that the stream tells of, or that it is time to look for (None)."""
        now = asyncio.get_running_loop().time()
        news: dict[str, set[int] | None] = {
            job: None for job, watches in self._watches.items() if any(watch.next_poll <= now for watch in watches)
        }
        if news:
            return news
        for entry, fields in await self._next_entries():
            self._last_entry = entry
            job_id = fields[b"job"].decode()
            if job_id not in self._watches:
                continue
            new = News.read(fields, self.stream)
            if not self._heed(job_id, new):
                news[job_id] = (news.get(job_id) or set()) | new.indices
        return news

    def _heed(self, job_id: str, news: News) -> bool:
        """Hand out the answers that came with the news; False when there is more to fetch."""
        if news.progress is None or len(news.answers) < len(news.indices):
            return False
        for index, text in news.answers.items():
            self._give(job_id, index, text)
        if news.progress.pending == 0 and not self._complete(job_id, news.progress):
            return False
        self._settle(job_id, news.progress)
        return True

    async def _next_entries(self) -> list[tuple[bytes, dict[bytes, bytes]]]:
        if self._untrimmed >= UNTRIMMED:
            await self._redis.xtrim(self.stream, minid=self._last_entry)
            self._untrimmed = 0
        streams: Any = await self._redis.xread({self.stream: self._last_entry}, count=BATCH, block=BLOCK_MS)
        if isinstance(streams, dict):  # RESP3
            entries = [line for batches in streams.values() for batch in batches for line in batch]
        else:
            entries = [line for _, lines in streams or () for line in lines]
        self._untrimmed += len(entries)
        return entries

    async def _refresh(self, news: Mapping[str, set[int] | None]) -> None:
        """Fetch the answers told of, or all that a watch has not seen."""
        jobs = [job_id for job_id in news if job_id in self._watches]
        if not jobs:
            return
        async with self._redis.pipeline(transaction=False) as pipeline:
            for job_id in jobs:
                # Read before the answers: when nothing is pending, the answers that follow are complete.
                pipeline.hmget(self._keys.job(job_id), "pending", "done", "reply")
                if news[job_id] is None:
                    pipeline.hkeys(self._keys.answers(job_id))
            replies = iter(await pipeline.execute())
        incomplete: dict[str, set[int] | None] = {}
        for job_id in jobs:
            progress = Progress.read(*next(replies))
            told = news[job_id]
            answered = {int(index) for index in next(replies)} if told is None else told
            await self._deliver(job_id, answered)
            if told is not None and progress.pending == 0 and not self._complete(job_id, progress):
                incomplete[job_id] = None
            else:
                self._settle(job_id, progress)
        if incomplete:
            await self._refresh(incomplete)

    async def _deliver(self, job_id: str, answered: set[int]) -> None:
        watches = list(self._watches.get(job_id, ()))
        new = sorted(set().union(*(answered - watch.seen for watch in watches)))
        if not new:
            return
        found = await self._redis.hmget(self._keys.answers(job_id), [str(index) for index in new])
        for index, text in zip(new, found, strict=True):
            if text is not None:
                self._give(job_id, index, text)

    def _give(self, job_id: str, index: int, text: Stored) -> None:
        judgement = stored.read_judgement(text)
        for watch in self._watches.get(job_id, ()):
            watch.give(index, judgement)

    def _complete(self, job_id: str, progress: "Progress") -> bool:
        return all(len(watch.seen) >= progress.done for watch in self._watches.get(job_id, ()))

    def _settle(self, job_id: str, progress: "Progress") -> None:
        """Decide when to look again, and who has waited to the end."""
        now = asyncio.get_running_loop().time()
        pause = OWN_POLL_SECONDS if progress.reply == self.stream else FOREIGN_POLL_SECONDS
        for watch in self._watches.get(job_id, ()):
            watch.next_poll = now + pause
            if progress.pending == 0:
                watch.end(None)
            elif progress.pending is not None:
                watch.known, watch.missing_since = True, None
            elif not watch.known and not self._may_return(job_id):
                watch.end(UnknownJob(f"no job {job_id!r}"))
            else:
                watch.missing_since = watch.missing_since or now
                if now - watch.missing_since >= GONE_AFTER_SECONDS:
                    watch.end(QueueUnavailable(f"job {job_id} was lost with the data of Redis; send it again"))
