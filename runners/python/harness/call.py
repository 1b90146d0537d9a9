"""Calls a function of a program: the call comes on standard input, the answer goes into the file ``call.result``.

The program shares this process, and may read, change and pretend whatever is here: it is asked for an answer and for
no verdict, and what is expected of it is nowhere near. What is kept under names of our own spares honest programs
surprises.
"""

import builtins
import json
import os
import sys
import types

from codec import Plain, UnsupportedValue

RESULT = "call.result"
_type, _isinstance, _len, _str, _repr, _list, _dict, _any = type, isinstance, len, str, repr, list, dict, any
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


_AROUND = {}


def prepare(prelude):
    """Make what a program finds in place of its builtins: there a prelude shifts no line and hides no name."""
    made = {"__name__": "leetcode"}
    if prelude != "none":
        exec(_PRELUDE, made)
    _AROUND[prelude] = vars(builtins) | {name: value for name, value in made.items() if not name.startswith("__")}


def run(code, file, prelude):
    """Run the program, call its function, leave the answer; never returns."""
    call = _loads(_read_all(0))
    builtin_names = _AROUND[prelude] if prelude != "none" else vars(builtins)
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
        _answer(result, "returned", _text_of(_Answers(returns).encode(value)))
    except UnsupportedValue as error:
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
            raise UnsupportedValue("a list of nodes without an end")
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


class _Answers(Plain):
    """Where nodes are answered, no node is an empty list."""

    def __init__(self, returns):
        self._has_nodes = "ListNode" in returns or "TreeNode" in returns

    def encode(self, value, session=None, depth=0):
        return [] if value is None and self._has_nodes else Plain.encode(self, value, session, depth)

    def other(self, kind, value, session, depth):
        name = _name_of(kind)
        if name not in ("ListNode", "TreeNode"):
            return None
        return Plain().encode(_values_of_list(value) if name == "ListNode" else _values_of_tree(value), None, depth - 1)
