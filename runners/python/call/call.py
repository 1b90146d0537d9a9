"""Calls a function of a program: the call comes on standard input, the answer goes into the file ``call.result``.

The program shares this process, and may read, change and pretend whatever is here: it is asked for an answer and for
no verdict, and what is expected of it is nowhere near. What is kept under names of our own spares honest programs
surprises.
"""

import sys

if __name__ == "__main__":
    beside = sys.path.pop(0)  # what lies beside the program may have the name of a module that is wanted here

import builtins
import json
import os
import types

RESULT = "call.result"
DEEPEST = 100
LARGE = 1 << 63  # from here on integers are written in hexadecimal, which takes time in proportion to their length

_type, _issubclass, _isinstance, _len, _str, _repr = type, issubclass, isinstance, len, str, repr
_int, _float, _list, _tuple, _dict, _bool, _bytes = int, float, list, tuple, dict, bool, bytes
_set, _frozenset, _complex, _none, _any = set, frozenset, complex, type(None), any
_loads, _text_of = json.loads, json.JSONEncoder().encode
_write, _leave, _read, _open = os.write, os._exit, os.read, os.open
_name_of = type.__dict__["__name__"].__get__
_PRELUDE = """
from string import *; from re import *; from datetime import *; from collections import *; from heapq import *
from bisect import *; from copy import *; from math import *; from random import *; from statistics import *
from itertools import *; from functools import *; from operator import *; from io import *; from sys import *
from json import *; from builtins import *; from typing import *
import string, re, datetime, collections, heapq, bisect, copy, math, random, statistics, itertools, functools, operator
import io, sys, json

class ListNode:
    def __init__(self, val=0, next=None):
        self.val = val
        self.next = next

class TreeNode:
    def __init__(self, val=0, left=None, right=None):
        self.val = val
        self.left = left
        self.right = right
"""
_RECURSION = {"leetcode": 50_000, "none": 1000}


class Unsupported(Exception):
    """A value that is no plain data."""


def prepared(prelude):
    """What a program finds in place of its builtins: a prelude there shifts no line and hides nothing of its own."""
    if prelude == "none":
        return vars(builtins)
    made = {"__name__": "leetcode"}
    exec(_PRELUDE, made)
    return vars(builtins) | {name: value for name, value in made.items() if not name.startswith("__")}


def serve(code, file, builtin_names, prelude):
    """Run the program, call its function, leave the answer; never returns."""
    call = _loads(_read_all(0))
    # Before the program can take the name, or the right to open anything.
    result = _open(RESULT, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    if sys.getrecursionlimit() < _RECURSION[prelude]:
        sys.setrecursionlimit(_RECURSION[prelude])
    module = types.ModuleType("main")
    sys.modules["main"] = module
    names = module.__dict__
    names["__file__"] = file
    names["__builtins__"] = builtin_names
    exec(code, names)
    function = _found(names, call["function"])
    if function is None:
        _answer(result, "missing", call["function"])
    kinds, returns = _annotations(function)
    given = [_linked(value, kind, names, builtin_names) for value, kind in _zip(call["arguments"], kinds)]
    value = function(*given)
    if value is None and returns == "None" and given:
        value, returns = given[0], (kinds or [""])[0]
    try:
        _answer(result, "returned", _text_of(_plain(value, returns)))
    except Unsupported as error:
        _answer(result, "unsupported", error.args[0])


def _read_all(descriptor):
    blocks = []
    while block := _read(descriptor, 1 << 20):
        blocks.append(block)
    return b"".join(blocks)


def _answer(result, kind, text):
    body = text.encode("utf-8", "replace")
    left = memoryview(b"%s %d\n%s" % (kind.encode(), _len(body), body))
    while left:
        left = left[_write(result, left) :]
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            continue
    _leave(0)


def _found(names, wanted):
    """A function of that name, or the method of a fresh object."""
    owner, _, name = wanted.rpartition(".")
    if not owner:
        if name in names:
            return names[name] if callable(names[name]) else None
        owner = "Solution"
    if owner not in names:
        return None
    made = names[owner]()
    return getattr(made, name, None)


# ---------------------------------------------------------------- lists and trees of nodes, as LeetCode writes them


def _zip(values, kinds):
    return [(value, kinds[position] if position < _len(kinds) else "") for position, value in enumerate(values)]


def _annotations(function):
    """What the parameters and the answer are said to be, as texts; empty where nothing is said."""
    code = getattr(function, "__code__", None)
    said = getattr(function, "__annotations__", None)
    if not _isinstance(code, types.CodeType) or not _isinstance(said, _dict):
        return [], ""
    names = code.co_varnames[: code.co_argcount]
    if _isinstance(function, types.MethodType):
        names = names[1:]
    return [_spelled(said.get(name, "")) for name in names], _spelled(said["return"]) if "return" in said else ""


def _spelled(annotation):
    return annotation if _type(annotation) is _str else _repr(annotation)


def _linked(value, kind, names, builtin_names):
    """The argument, made into nodes where the parameter is said to be one, or a list of them."""
    for name, make in (("ListNode", _list_of), ("TreeNode", _tree_of)):
        if name in kind:
            node = names.get(name) or builtin_names.get(name)
            if "list[" in kind.replace("ListNode", "").lower() and _type(value) is _list:
                return [make(each, node) for each in value]
            return make(value, node)
    return value


def _list_of(values, node):
    first = None
    for value in reversed(values or ()):
        made = node(value)
        made.next = first
        first = made
    return first


def _tree_of(values, node):
    if not values or values[0] is None:
        return None
    root = node(values[0])
    level, position = [root], 1
    while level and position < _len(values):
        below = []
        for parent in level:
            for side in ("left", "right"):
                if position < _len(values) and values[position] is not None:
                    child = node(values[position])
                    setattr(parent, side, child)
                    below.append(child)
                position += 1
        level = below
    return root


def _values_of_list(first):
    values, seen = [], 0
    while first is not None:
        values.append(first.val)
        first = first.next
        seen += 1
        if seen > 10_000_000:
            raise Unsupported("a list of nodes without an end")
    return values


def _values_of_tree(root):
    values, level = [], [root]
    while _any(node is not None for node in level):
        below = []
        for node in level:
            if node is None:
                values.append(None)
            else:
                values.append(node.val)
                below += (node.left, node.right)
        level = below
    while values and values[-1] is None:
        values.pop()
    return values


# ---------------------------------------------------------------- plain data


def _plain(value, kind="", depth=0):
    """What JSON can write; of a derived type, what it is derived from, whatever it makes of itself."""
    its = _type(value)
    if its is _str or its is _bool or its is _none:
        return [] if value is None and ("ListNode" in kind or "TreeNode" in kind) else value
    if its is _int:
        return value if -LARGE < value < LARGE else {"$int": hex(value)}
    if its is _float:
        return value if value - value == 0 else {"$float": _repr(value)}
    if depth == DEEPEST:
        raise Unsupported(f"containers more than {DEEPEST} deep")
    if its is _list:
        return [_plain(each, kind, depth + 1) for each in value]
    if its is _tuple:
        return {"$tuple": [_plain(each, kind, depth + 1) for each in value]}
    if its is _dict:
        if not _any(_type(key) is not _str or key[:1] == "$" for key in value):
            return {key: _plain(each, "", depth + 1) for key, each in value.items()}
        pairs = [[_plain(key, "", depth + 1), _plain(each, "", depth + 1)] for key, each in value.items()]
        return {"$dict": pairs}
    if its is _set or its is _frozenset:
        return {"$" + _name_of(its): [_plain(each, "", depth + 1) for each in value]}
    if its is _bytes:
        return {"$bytes": value.hex()}
    if its is _complex:
        return {"$complex": [_plain(value.real), _plain(value.imag)]}
    return _plain_of_another(value, its, kind, depth)


def _plain_of_another(value, its, kind, depth):
    for base, reduce in _REDUCED:
        if _issubclass(its, base):
            return _plain(reduce(value), kind, depth)
    name = _name_of(its)
    if name == "ListNode":
        return _plain(_values_of_list(value), "", depth)
    if name == "TreeNode":
        return _plain(_values_of_tree(value), "", depth)
    numpy = sys.modules.get("numpy")
    if numpy is not None and _issubclass(its, numpy.generic):
        return _plain(value.item(), kind, depth + 1)
    raise Unsupported(name)


_REDUCED = (
    (int, int.__int__),
    (float, float.__float__),
    (str, str.__str__),
    (list, lambda value: list.__getitem__(value, slice(None))),
    (tuple, lambda value: tuple.__getitem__(value, slice(None))),
    (dict, dict.copy),
    (complex, complex.__pos__),
)


if __name__ == "__main__":
    chosen = sys.argv[1]
    sys.argv[:] = ["main.py"]
    with open("main.py", "rb") as program:
        compiled = compile(program.read(), "main.py", "exec", dont_inherit=True)
    found_around = prepared(chosen)
    sys.path.insert(0, beside)
    serve(compiled, os.path.abspath("main.py"), found_around, chosen)
