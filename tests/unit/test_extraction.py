"""The program in a completion, however the model wrote it."""

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox_service.extraction import Extracted, extract, without_thinking
from sandbox_service.models import ExtractionRule, Reason

TAGS = frozenset({"python", "python3", "py"})
LAST, FIRST = ExtractionRule.LAST_FENCE, ExtractionRule.FIRST_FENCE
NO_CODE = Extracted("", Reason.NO_CODE)
INCOMPLETE = Extracted("", Reason.INCOMPLETE_CODE)


def found(completion: str, rule: ExtractionRule = LAST) -> str:
    extracted = extract(completion, rule, TAGS)
    assert extracted.reason is None
    return extracted.code


@pytest.mark.parametrize(
    "completion",
    [
        "Here:\n```python\nx\n```\nThat is it.",
        "```py\nx\n```",
        "```Python3\nx\n```",
        "```python title='a.py'\nx\n```",
        "``` python\nx\n```",
        "```{.python}\nx\n```",
        "~~~python\nx\n~~~",
        "````python\nx\n````",
        "```\nx\n```",
        "Answer: ```python\nx\n```",
        "```python\nx\n```That is it.",
        "```python\nx\n```\n```",
        "```python\nx\n```\n\n```\n\n",
        "```python\nx\n```\nIt prints\n```\n5\n```\nand in C++\n```cpp\nint main() {}\n```",
        "```python\ndraft\n```\nBetter:\n```python\nx\n```",
        "```python\na forgotten end\n```python\nx\n```",
        "```markdown\n```python\nx\n```\n```",
        "````markdown\n# Solution\n```python\nx\n```\n````",
        "```\nnotes\n```python\nx\n```",
        "1. So:\n\n   ```python\n   x\n   ```",
    ],
)
def test_a_program_is_found_however_it_is_fenced(completion: str):
    assert found(completion).strip() == "x"


def test_carriage_returns_stay_with_the_code():
    assert found("```python\r\nx\r\ny\r\n```\r\n") == "x\r\ny\r\n"


def test_a_program_on_one_line_is_found():
    assert found("```python print(1)```") == "print(1)"


def test_an_end_behind_the_last_line_of_code_is_an_end():
    assert found("```python\nprint(1)```\nDone.") == "print(1)"


def test_a_block_in_a_list_loses_its_indentation_and_no_more():
    assert found("- so\n    ```python\n    if x:\n        y\n    ```\n") == "if x:\n    y\n"


def test_fences_in_the_documentation_of_a_function_are_code():
    code = dedent('''\
        def f(x):
            """Doubles.

            ```python
            f(2)
            ```
            """
            return 2 * x
        ''')

    assert found(f"```python\n{code}```") == code


def test_the_first_block_is_had_on_request():
    assert found("```python\none\n```\n```python\ntwo\n```", FIRST) == "one\n"


@pytest.mark.parametrize(
    "completion",
    ["", "no code", "```cpp\nint main() {}\n```", "```python\n```", "```python\n \n```", "`x`", "``` ```", "\0", "```"],
)
@pytest.mark.parametrize("rule", [LAST, FIRST])
def test_a_completion_without_a_program_says_so(completion: str, rule: ExtractionRule):
    assert extract(completion, rule, TAGS) == NO_CODE


@pytest.mark.parametrize(
    "completion", ["```python\nx", "```python\ndraft\n```\nBetter:\n```python\nx = (", "So: ```python\nx\n``", "```\nx"]
)
def test_a_completion_that_ends_within_its_code_says_so(completion: str):
    assert extract(completion, LAST, TAGS) == INCOMPLETE


def test_a_draft_is_not_taken_for_a_final_program_that_is_cut_off():
    assert extract("```python\ndraft\n```\n```python\nfinal", LAST, TAGS) == INCOMPLETE


@pytest.mark.parametrize(
    ("completion", "rest"),
    [
        ("<think>a</think>b", "b"),
        ("a</think>b", "b"),  # the prompt had the beginning
        ("<think>a</think>b<think>c</think>d", "d"),
        ("<think>never ends", ""),
        ("b<think>never ends", "b"),
        ("<thinking>a</thinking>b", "b"),
        ("b", "b"),
    ],
)
def test_thinking_is_left_out(completion: str, rest: str):
    assert without_thinking(completion) == rest


@pytest.mark.parametrize("rule", [LAST, FIRST, ExtractionRule.WHOLE])
def test_a_draft_within_the_thinking_is_never_run(rule: ExtractionRule):
    assert "draft" not in found("<think>```python\ndraft\n```</think>```python\nx\n```", rule)


def test_the_whole_completion_is_had_on_request():
    assert found("<think>hm</think>x = 1\n", ExtractionRule.WHOLE) == "x = 1\n"


def livecodebench(completion: str) -> str:
    """LiveCodeBench's rule in its own terms: the lines between the last two that hold a fence."""
    lines = completion.split("\n")
    fences = [number for number, line in enumerate(lines) if "```" in line]
    return "\n".join(lines[fences[-2] + 1 : fences[-1]]) if len(fences) >= 2 else ""


def test_a_program_before_an_endless_row_of_fences_is_found():
    assert found("```python\nx\n```\n" + "```\n" * 100_000) == "x\n"


@given(st.lists(st.sampled_from(["```", "```python", "x", "", " y ```", "``", "````", "<think>", "\r"])).map("\n".join))
def test_livecodebench_has_its_own_rule_to_the_letter(completion: str):
    extracted = extract(completion, ExtractionRule.LIVECODEBENCH, TAGS)

    assert extracted.code == (livecodebench(completion) if livecodebench(completion).strip() else "")
    assert (extracted.reason is None) == bool(extracted.code)


@given(st.text(alphabet="`~python x\n\t<think>/{}\0é"), st.sampled_from(ExtractionRule))
def test_whatever_is_written_there_is_code_or_a_reason(completion: str, rule: ExtractionRule):
    extracted = extract(completion, rule, TAGS)

    assert (extracted.reason is None) == bool(extracted.code.strip())


@pytest.mark.parametrize("rule", ExtractionRule)
@pytest.mark.parametrize(
    "unit", ["`", "``x", "```x", "x\n", "    ```python\n", "~~~\n```\n", "<think>", "</think>", " ", "```python"]
)
def test_ten_megabytes_are_read_once(unit: str, rule: ExtractionRule):
    """With a rule that looks back, these would take minutes; the suite's time limit ends such a test."""
    size = 10 * 2**20 if unit.strip() in ("`", "``x", "x", "") else 2**20

    extract(unit * (size // len(unit)), rule, TAGS)
