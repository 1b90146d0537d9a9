"""Submission and test code in one process, for suites that cannot be split; tells that it came to its end, and no more.

A submission that means to may find out what is looked for here and pretend. One that only ends early, prints or raises
does not: what is asked for is read after the tests have run, and is answered in a file.
"""

import builtins
import json
import os
import sys
import types

import entry_points
from suite import (
    MODULE,
    MOST_DETAIL,
    NAMES_OF_SUBMISSION,
    NO_CANDIDATE,
    ORDER,
    OUTCOME,
    NoSuchName,
    Refused,
    StandIns,
    compiled,
    detail,
    run_suite,
)


def _candidate(names, entry_point):
    found = entry_points.find(names, entry_point) if entry_point else NO_CANDIDATE
    if found is entry_points.MISSING:
        raise NoSuchName(entry_point)
    return found


def _outcome(order, program, file):
    """How the run ended: a kind, and a text for people."""
    source = order["assertions"]
    module = types.ModuleType("solution")
    names = module.__dict__
    names["__builtins__"], names["__file__"] = builtins, file
    for name in NAMES_OF_SUBMISSION:
        sys.modules[name] = module
    sys.meta_path.insert(0, StandIns())
    loading = True
    try:
        code = compiled(source)
        exec(program, names)
        loading = False
        candidate = _candidate(names, order["entry_point"])
        names["__name__"] = MODULE
        sys.modules[MODULE] = module
        if candidate is not NO_CANDIDATE:
            names["candidate"] = candidate
        run_suite(source, code, names, candidate)
    except Refused as error:
        return "refused", str(error)
    except NoSuchName as error:
        return "missing", str(error)
    except BaseException as error:
        if loading or not isinstance(error, AssertionError):
            sys.__excepthook__(type(error), error, error.__traceback__ and error.__traceback__.tb_next)
            return "raised", detail(error, source)
        return "failed", detail(error, source)
    return "completed", ""


def run(code, file) -> None:
    """Leave behind what came of both; ``code`` is the submission's, of that file."""
    with open(ORDER, encoding="utf-8") as written:
        order = json.load(written)
    os.unlink(ORDER)
    marks = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    read, open_file, dump, end = os.read, open, json.dumps, os._exit
    flush = sys.stdout.flush, sys.stderr.flush
    kind, text = _outcome(order, code, file)
    for each in flush:
        each()
    mark = read(marks, 1 << 10).decode()
    with open_file(OUTCOME, "w", encoding="utf-8") as outcome:
        outcome.write(dump({"mark": mark, "kind": kind, "text": text[:MOST_DETAIL]}))
    end(0)
