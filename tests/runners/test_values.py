"""One way to tell values: what Python's harness writes of an answer, the service reads; what a test is told, too."""

import importlib.util
import json
from collections import Counter, OrderedDict
from types import ModuleType
from typing import Any

import pytest

from sandbox_service.checkers.values.codec import Opaque, read_value
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings


def _read_codec() -> ModuleType:
    path = read_runners(Settings())["python"].folder / "harness" / "codec.py"
    specification = importlib.util.spec_from_file_location("harness_codec", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


CODEC = _read_codec()
VALUES = [
    None, True, 0, -(2**63), 2**64, 1.5, float("inf"), 1j, "ä\n", [], [1, [2.5, "x"]], (), (1, (None,)), {},
    {"a": 1, "b": [{"c": None}]}, {"$a": 1}, {"$tuple": [1]}, {"a": 1, "$b": 2},
]  # fmt: skip
NO_EXPECTED = [b"\0", {1, 2}, frozenset({1}), {1: 2}, {None: 1}]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_an_answer_is_read_as_it_was(value: Any):
    read = read_value(json.dumps(CODEC.Plain().encode(value)).encode())

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("value", NO_EXPECTED, ids=repr)
def test_an_answer_that_no_expected_value_can_be_is_read_as_such(value: Any):
    assert isinstance(read_value(json.dumps(CODEC.Plain().encode(value)).encode()), Opaque)


@pytest.mark.parametrize("value", [Counter("aab"), OrderedDict(a=2), type("D", (dict,), {})(a=2)], ids=repr)
def test_a_derived_type_is_answered_as_what_it_derives_from(value: Any):
    assert read_value(json.dumps(CODEC.Plain().encode(value)).encode()) == dict(value)


@pytest.mark.parametrize("value", [*VALUES, *NO_EXPECTED, Counter("aab"), OrderedDict(a=2)], ids=repr)
def test_what_crosses_to_a_test_is_the_same_there(value: Any):
    codec = CODEC.Codec(lambda _: None, None)
    told = CODEC.from_json(CODEC.to_json(codec.encode(value, CODEC.Session())))

    there = codec.decode(told, CODEC.Session())

    assert there == value
    assert type(there) is type(value)


def test_words_among_keys_are_no_value():
    codec = CODEC.Codec(lambda _: None, None)

    with pytest.raises(CODEC.BrokenProtocol, match="a word among keys"):
        codec.decode({"$tuple": [], "a": 1}, CODEC.Session())
