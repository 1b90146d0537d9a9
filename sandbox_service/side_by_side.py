"""Runs the same work in several threads, from a main thread that stays awake for signals."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

HEARING_SECONDS = 0.2


def side_by_side(threads: int, work: Callable[[Callable[[], bool]], None]) -> None:
    """Call ``work`` in so many threads, at least one, until each has come back.

    What ``work`` is given says whether to give up, since another of them or the caller was ended by an exception,
    which is raised here in the end.
    """
    given_up, threads = threading.Event(), max(1, threads)
    with ThreadPoolExecutor(threads) as executor:
        try:
            left = {executor.submit(work, given_up.is_set) for _ in range(threads)}
            # Python's handlers run in this thread alone, and a signal that the kernel gives to another one, as it does
            # around a fork, does not end this one's wait.
            while left:
                done, left = wait(left, HEARING_SECONDS, FIRST_EXCEPTION)
                for each in done:
                    each.result()
        except BaseException:
            given_up.set()
            raise
