"""In a process of its own, as logging belongs to a whole process."""

import contextlib
import os
import pty
import subprocess
import sys

PROGRAM = """
from sandbox_service import logs
logs.configure("info")
def judge(source):
    raise RuntimeError("broken")
try:
    judge("secret" + " source")
except RuntimeError as error:
    logs.get("tests").error("judged", exc_info=error)
"""


def test_a_terminal_is_shown_no_variables():
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb") as screen:
        subprocess.run([sys.executable, "-c", PROGRAM], stderr=theirs, check=True)
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # as a terminal says that nobody writes any more
            while block := os.read(screen.fileno(), 65536):
                shown += block

    assert b"broken" in shown
    assert b"secret source" not in shown


def test_a_pipe_gets_a_line_of_json_without_variables():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)

    assert done.stderr.count("\n") == 1
    assert "RuntimeError: broken" in done.stderr
    assert "secret source" not in done.stderr
