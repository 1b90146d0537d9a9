"""Every way to cheat for a reward that is known, and every honest way that looks like one, has a test under its id."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("tests/assertions", "tests/runners", "tests/trials")

CHEATS = {
    "K01": "leaves with exit code 0",
    "K02": "leaves at once, past all handlers",
    "K03": "raises what is no error",
    "K04": "answers an object that equals everything",
    "K05": "answers a kind derived from a plain one",
    "K06": "lies about what its answer is",
    "K07": "replaces builtins",
    "K08": "replaces what writes the answer",
    "K09": "puts other modules in the places of the usual",
    "K10": "brings files that an interpreter reads at its start",
    "K11": "brings files that a test runner reads at its start",
    "K12": "switches the tests off",
    "K13": "defines what the test code checks with",
    "K14": "prints what a harness might print",
    "K15": "writes to descriptors that a harness might have",
    "K16": "looks for what is expected in frames",
    "K17": "looks for the tests among the collector's objects",
    "K18": "looks for them in memory",
    "K19": "traces the harness",
    "K20": "answers again after its end",
    "K21": "takes the alarm away",
    "K22": "takes away what the harness needs to write",
    "K23": "answers from two processes",
    "K24": "counts the tests that it has seen",
    "K25": "leaves something for the next program",
    "K26": "writes compiled modules",
    "K27": "changes its arguments",
    "K28": "answers what has no end",
    "K29": "answers what is hard to write or to read",
    "K30": "answers or raises what does harm when it is looked at",
    "K31": "stops the clocks",
    "K32": "looks for the tests in files",
    "K33": "answers everything, or what it was asked",
    "K34": "answers what breaks a comparison",
    "K35": "confuses who is to blame in a dialogue",
    "K36": "answers nothing",
    "K37": "kills itself to be counted as our failure",
    "K38": "is right once in many times",
    "K39": "writes what a reader might take for a verdict",
    "K40": "ends before main",
    "K41": "starts other programs",
    "K42": "raises what a test raises",
    "K43": "breaks the interpreter after its answer",
    "K44": "closes its outputs",
    "K45": "replaces its input",
    "K46": "answers to every name",
    "K47": "runs code where it is only described",
    "K48": "answers what is no number",
    "K49": "answers what all operators like",
    "K50": "opens all the files that it may",
}
HONEST = {
    "M01": "leaves with exit code 0 when it is done",
    "M02": "leaves at once after a flush",
    "M03": "has a class with an equality of its own",
    "M04": "answers a number of another kind",
    "M05": "answers a tuple",
    "M06": "takes most of its time",
    "M07": "takes most of its memory",
    "M08": "prints most of what it may",
    "M09": "writes much to standard error",
    "M10": "recurses deep in a compiled language",
    "M11": "recurses deep in Python",
    "M12": "has threads and processes",
    "M13": "writes files",
    "M14": "does not read all of its input",
    "M15": "ends its lines otherwise or not at all",
    "M16": "prints other scripts",
    "M17": "has libraries that start threads",
    "M18": "has the heap that Java takes by itself",
    "M19": "reserves more memory than it uses",
    "M20": "is checked by sanitizers",
    "M21": "uses signals",
    "M22": "draws random numbers",
    "M23": "hashes texts",
    "M24": "knows its file, its name and its arguments",
    "M25": "shows where it failed",
    "M26": "has exit functions",
    "M27": "is large",
    "M28": "writes other scripts as UTF-8",
    "M29": "fails by an exception",
    "M30": "waits",
}


def test_every_id_and_no_other_stands_in_the_name_of_a_test():
    listing = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *FOLDERS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    named = set(re.findall(r"\b[KM]\d\d\b", listing))

    assert named == {*CHEATS, *HONEST}
