"""What a test case may hold, and that what was sent before has the digest that it had."""

import pytest
from pydantic import ValidationError

from sandbox_service.models import AssertionMode, TestCase, TestKind, TestSet


def test_the_digest_of_a_set_of_inputs_is_what_it_always_was():
    test_set = TestSet.model_validate({"tests": [{"stdin": "2\n", "expected": "4\n"}, {"stdin": "3\n"}]})

    assert test_set.canonical() == b'{"tests":[{"stdin":"2\\n","expected":"4\\n"},{"stdin":"3\\n","expected":null}]}'
    assert test_set.digest() == "sha256:75aa88a471bc22841dc502a9c634de47d50bb91e6270cc8597267232b6390a66"


def test_test_code_is_written_down_and_read_again():
    test = TestCase(assertions="assert f()", entry_point="Solution().f", mode=AssertionMode.SAME_PROCESS)

    assert TestCase.model_validate_json(test.model_dump_json()) == test
    assert test.kind is TestKind.ASSERTIONS
    assert "stdin" not in test.model_dump_json()


@pytest.mark.parametrize("name", ["add", "Solution.add", "Solution().add", "Lösung", "_f"])
def test_an_entry_point_is_a_name_or_a_method(name):
    assert TestCase(assertions="f()", entry_point=name).entry_point == name


@pytest.mark.parametrize("name", ["", "a b", "a.b.c", "f(1)", "1a", "a.", "().f", "os;x"])
def test_an_entry_point_is_nothing_else(name):
    with pytest.raises(ValidationError):
        TestCase(assertions="f()", entry_point=name)
