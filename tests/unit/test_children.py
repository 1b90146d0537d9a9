"""Children that are forked: how they end, and what they put off."""

import os
import signal
import subprocess
import time

import pytest

from sandbox_service.children import Forked, stop


def forked(run):
    return Forked(run, death_signal=signal.SIGTERM)


def sleep() -> int:
    time.sleep(30)
    return 0


def test_a_fork_ends_with_what_it_answers():
    assert forked(lambda: 7).wait(10) == 7


def test_a_fork_that_breaks_says_why_and_goes_no_further(capfd):
    def break_off():
        raise RuntimeError("no way")

    exit_code = forked(break_off).wait(10)

    assert exit_code == 1
    assert "RuntimeError: no way" in capfd.readouterr().err


def test_a_fork_has_a_session_of_its_own_and_none_of_its_parents_handlers():
    handler = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        child = forked(sleep)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.05)
        exit_code = stop(child, 10)
    finally:
        signal.signal(signal.SIGTERM, handler)

    assert exit_code == -signal.SIGTERM
    assert forked(lambda: int(os.getsid(0) != os.getpid())).wait(10) == 0


def test_a_fork_that_has_ended_is_not_killed_again():
    child = forked(lambda: 0)
    child.wait(10)

    child.kill()

    assert child.poll() == 0
