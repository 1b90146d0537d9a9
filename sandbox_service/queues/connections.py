"""Redis clients whose patience fits who holds them."""

import time
from collections.abc import Callable
from contextlib import closing

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.retry import Retry

from sandbox_service.errors import ConfigurationError, QueueUnavailable

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 5.0
WORKER_RETRIES = 60  # with at most a second between two of them: a worker sits out a minute without Redis

START_SECONDS = 10.0  # that a Redis which starts beside us is waited for
LOOK_SECONDS = 0.2


def reach(url: str, waiting: Callable[[str], None], *, patience_seconds: float = START_SECONDS) -> None:
    """Come back when Redis answers us; ``waiting`` is told once which one is waited for.

    Raises:
        ConfigurationError: it answers, but not us.
        QueueUnavailable: it did not answer within the patience.
    """
    give_up_at = time.monotonic() + patience_seconds
    with closing(
        redis.Redis.from_url(
            url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=ANSWER_SECONDS, retry=Retry(NoBackoff(), 0)
        )
    ) as client:
        place = _place(client)
        told = False
        while True:
            try:
                client.ping()
                return
            except (AuthenticationError, ResponseError) as error:
                message = f"Redis at {place} refuses us: {error}; correct the password, user or database in"
                raise ConfigurationError(f"{message} SANDBOX_REDIS_URL") from None
            except RedisError as error:
                if time.monotonic() >= give_up_at:
                    message = f"Redis at {place} does not answer: {error}; start it, or correct SANDBOX_REDIS_URL"
                    raise QueueUnavailable(message) from None
            if not told:
                waiting(place)
                told = True
            time.sleep(LOOK_SECONDS)


def _place(client: redis.Redis) -> str:
    """Where it is, without the password."""
    known = client.connection_pool.connection_kwargs
    return str(known["path"]) if "path" in known else f"{known.get('host', 'localhost')}:{known.get('port', 6379)}"


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
