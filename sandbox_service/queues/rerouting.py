"""Work that waits where nobody lives goes to where its languages are judged by now."""

from collections.abc import Iterator, Mapping, Sequence

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import WatchError
from rq.exceptions import NoSuchJobError
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from sandbox_service.queues import chunks, stored
from sandbox_service.queues.chunks import Chunk
from sandbox_service.queues.keys import Keys
from sandbox_service.queues.lanes import Lanes, queue_name

AT_A_TIME = 100  # chunks; the next look takes more


def reroute(redis: Redis, queue: str, lanes: Lanes) -> None:
    """Empty the lanes without a worker of what another lane is to judge.

    A job may come before the first worker does, and a lane may be given up.
    """
    for lane in lanes.names():
        if not lanes.living.get(lane):
            _empty(redis, queue, lane, lanes)


def _empty(redis: Redis, queue: str, lane: str, lanes: Lanes) -> None:
    waiting = chunks.rq_queue(redis, queue_name(queue, lane))
    with redis.pipeline() as pipeline:
        pipeline.watch(waiting.key)  # type: ignore[no-untyped-call]  # redis-py has no types for it
        moved = dict(_moved(redis, queue, lane, lanes, pipeline.lrange(waiting.key, 0, AT_A_TIME - 1)))
        if not moved:
            return
        pipeline.multi()
        for chunk_id, pieces in moved.items():
            _replace(pipeline, redis, queue, waiting.key, chunk_id, pieces)
        try:
            pipeline.execute()
        except WatchError:  # a worker or another API process was there; the next look sees to the rest
            return


def _replace(
    pipeline: Pipeline, redis: Redis, queue: str, waiting: str, chunk_id: str, pieces: Mapping[str, Chunk]
) -> None:
    pipeline.lrem(waiting, 1, chunk_id)
    pipeline.delete(RqJob.key_for(chunk_id))
    for lane, piece in pieces.items():
        chunks.enqueue(chunks.rq_queue(redis, queue_name(queue, lane)), [piece], pipeline)


def _moved(
    redis: Redis, queue: str, lane: str, lanes: Lanes, chunk_ids: Sequence[bytes | str]
) -> Iterator[tuple[str, Mapping[str, Chunk]]]:
    """The chunks that do not all belong in the lane, each with its pieces by their lanes."""
    for chunk_id in map(stored.text, chunk_ids):
        try:
            chunk = Chunk.carried_by(RqJob.fetch(chunk_id, connection=redis, serializer=JSONSerializer))
        except (NoSuchJobError, ValueError):
            continue
        found = redis.hmget(Keys(queue).submissions(chunk.job_id), [str(index) for index in chunk.indices])
        by_lane: dict[str, list[int]] = {}
        for index, text in zip(chunk.indices, found, strict=True):
            known = lane if text is None else lanes.lane_for(stored.read_submission(text).language)
            by_lane.setdefault(known, []).append(index)
        if set(by_lane) != {lane}:
            yield chunk_id, {where: Chunk(chunk.job_id, tuple(its), chunk.deaths) for where, its in by_lane.items()}
