"""Redis clients whose patience fits who holds them."""

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
WORKER_RETRIES = 60  # with at most a second between two of them: a worker sits out a minute without Redis


def impatient(url: str) -> redis.Redis:
    """For those who have a caller waiting: fails within seconds when Redis does not answer."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.05), 2),
        health_check_interval=15,
    )


def impatient_async(url: str) -> redis.asyncio.Redis:
    """The same for an asyncio program."""
    return redis.asyncio.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=AsyncRetry(ExponentialBackoff(cap=0.2, base=0.05), 2),
        health_check_interval=15,
    )


def patient(url: str) -> redis.Redis:
    """For a worker: sits out a restart of Redis, so that nothing it judged is judged again."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=30,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), WORKER_RETRIES),
        health_check_interval=15,
    )
