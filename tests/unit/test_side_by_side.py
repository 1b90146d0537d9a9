"""Work in several threads ends as one, and its main thread hears signals meanwhile."""

import signal
import threading
import time
from collections.abc import Callable

import pytest

from sandbox_service.side_by_side import side_by_side


def test_each_thread_does_the_work() -> None:
    together = threading.Barrier(3, timeout=30)

    side_by_side(3, lambda _: (together.wait(), None)[1])

    assert not together.broken


def test_the_failure_of_one_makes_the_others_give_up_and_is_raised() -> None:
    turns = iter([True, False])
    gave_up = []

    def work(is_given_up: Callable[[], bool]) -> None:
        if next(turns):
            raise LookupError("the first")
        while not is_given_up():
            time.sleep(0.01)
        gave_up.append(True)

    with pytest.raises(LookupError, match="the first"):
        side_by_side(2, work)

    assert gave_up == [True]


def test_a_signal_that_another_thread_got_is_heard() -> None:
    heard = threading.Event()
    heard_in_time = []

    def work(_: Callable[[], bool]) -> None:
        time.sleep(0.1)  # until the main thread waits
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        heard_in_time.append(heard.wait(30))

    before = signal.signal(signal.SIGUSR1, lambda *_: heard.set())
    try:
        side_by_side(1, work)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert heard_in_time == [True]
