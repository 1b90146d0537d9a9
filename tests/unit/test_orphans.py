"""In a process of its own, as it takes in whatever its descendants leave behind."""

import subprocess
import sys

import pytest

LOSES_A_GRANDCHILD = """
import os, subprocess, sys, time
from sandbox_service import orphans
{change}
orphans.adopt()
kept = subprocess.Popen(["sleep", "60"])
left_behind = int(subprocess.check_output(["sh", "-c", "sleep 60 >/dev/null & echo $!"]))
orphans.end(except_for=[kept.pid])
assert kept.poll() is None
kept.kill()
kept.wait()
try:
    os.kill(left_behind, 0)
except ProcessLookupError:
    print("gone")
"""
WITHOUT_LISTS_OF_CHILDREN = """
import pathlib
read_text = pathlib.Path.read_text
def refuse(path, *args, **kwargs):
    if path.name == "children":
        raise FileNotFoundError(path)
    return read_text(path, *args, **kwargs)
pathlib.Path.read_text = refuse
"""


@pytest.mark.parametrize("change", ["", WITHOUT_LISTS_OF_CHILDREN], ids=["as it is", "without lists of children"])
def test_what_lost_its_parent_is_ended_and_nothing_else(change: str):
    program = LOSES_A_GRANDCHILD.format(change=change)

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("gone\n", "")
