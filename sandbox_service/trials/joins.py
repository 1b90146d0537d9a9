"""Submission and test code as one program of their language, with proof of its end where there is a place for it."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from sandbox_service.runners import Assertions

_NAME_LENGTH = 20
_TOKEN = re.compile(
    r"""
    //[^\n]* | /\*.*?(?:\*/|\Z)
    | \"\"\".*?(?:\"\"\"|\Z) | "(?:\\.|[^"\\\n])*"? | `[^`]*`? | '(?:\\.[^'\n]*|[^'\\\n])'
    | (?P<brace>[{}])
    """,
    re.DOTALL | re.VERBOSE,
)
_PHP_OPENS = re.compile(r"<\?(?:php(?=\s|\Z)|=)", re.IGNORECASE)
# A comment of one line ends at the tag too.
_PHP_CODE = re.compile(
    r"""
    /\*.*?(?:\*/|\Z) | (?://|\#(?!\[))(?:(?!\?>)[^\n])*
    | "(?:\\.|[^"\\])*(?:"|\Z) | '(?:\\.|[^'\\])*(?:'|\Z) | `(?:\\.|[^`\\])*(?:`|\Z)
    | <<<[ \t]*(?P<quote>["']?)(?P<label>\w+)(?P=quote)\n.*?(?:^[ \t]*(?P=label)\b|\Z)
    | (?P<close>\?>)
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
# Test code of some benchmarks first ends the function or the class that the submission leaves open.
_CLOSES = re.compile(r"\s*(?:\}|end\b)")
_RETURN = re.compile(r"\breturn\b[^;{}]*;?\s*\Z")
_GO_PACKAGE = re.compile(r"^[ \t]*package[ \t]+\w+[ \t;]*$", re.MULTILINE)
_GO_IMPORT = re.compile(r"^[ \t]*import[ \t]*(?:\([^)]*\)|(?:[\w.]+[ \t]+)?\"[^\"\n]+\")[ \t;]*$", re.MULTILINE)
_GO_IMPORTED = re.compile(r"(?:[\w.]+[ \t]+)?\"[^\"\n]+\"")
_GO_TEST = re.compile(r"^func[ \t]+(Test\w*)[ \t]*\(\s*\w+\s+\*testing\.T\s*\)", re.MULTILINE)


class Joined(NamedTuple):
    """A source, and whether its end leaves proof."""

    source: str
    proves: bool


def join(source: str, tests: str, rule: Assertions) -> Joined:
    """Put the test code behind the source, by the language's rule."""
    return _JOINS[rule.join](source, tests, _with_begin(source, tests, rule))


def _with_begin(source: str, tests: str, rule: Assertions) -> Assertions:
    """The rule with a name of this source and this test code, which neither of them can hold."""
    if not rule.begin or rule.proof is None or _CLOSES.match(tests):
        return rule.model_copy(update={"begin": ""})
    name = "sandbox_begun_" + hashlib.sha256(f"{source}\0{tests}".encode()).hexdigest()[:_NAME_LENGTH]
    begin, begun = (text.replace("@BEGUN@", name) for text in (rule.begin, rule.begun))
    return rule.model_copy(update={"begin": f"{begin}\n", "proof": f"{begun}\n{rule.proof}"})


def _append(source: str, tests: str, rule: Assertions) -> Joined:
    if rule.proof is None:
        return Joined(f"{source}{rule.between}{tests}", proves=False)
    if rule.main is None:
        return Joined(f"{source}{rule.between}{rule.begin}{tests}\n{rule.proof}\n", proves=True)
    head = source + rule.between
    whole = head + tests
    place = _end_of_main(whole, rule.main, len(head))
    if place is None:
        return Joined(whole, proves=False)
    return Joined(f"{whole[:place]}\n{rule.proof}\n{whole[place:]}", proves=True)


def _end_of_main(text: str, main: str, tests_at: int) -> int | None:
    """Where the main function of the test code ends, or the one that it closes for the source."""
    pattern = re.compile(main)
    for found in (pattern.search(text, tests_at), pattern.search(text)):
        place = _end_of_body(text, found.end()) if found else None
        if place is not None and place >= tests_at:
            return place
    return None


def _end_of_body(text: str, start: int) -> int | None:
    """Where the last statement of the next body ends, before what it may return."""
    depth, began = 0, 0
    for token in _TOKEN.finditer(text, start):
        if token["brace"] == "{":
            began = began or token.end()
            depth += 1
        elif token["brace"] == "}":
            depth -= 1
            if depth <= 0:
                returned = _RETURN.search(text, began, token.start())
                return returned.start() if returned else token.start()
    return None


def _go(source: str, tests: str, rule: Assertions) -> Joined:
    """One package and one list of imports; test functions are run by a main of ours."""
    imports = dict.fromkeys(
        name
        for text in (source, tests)
        for block in _GO_IMPORT.findall(text)
        for name in _GO_IMPORTED.findall(block.partition("import")[2])
    )
    # On one line, so that the source keeps its lines.
    head = "package main; import (" + "; ".join([*imports, '"sandbox_end"']) + "); "
    bodies = [_GO_IMPORT.sub(_blank, _GO_PACKAGE.sub("", text)) for text in (source, tests)]
    functions = _GO_TEST.findall(bodies[1])
    if functions and not re.search(r"\bfunc\s+main\s*\(", tests):
        listed = ", ".join(f'{{Name: "{name}", F: {name}}}' for name in functions)
        bodies.append(f"func main() {{ sandbox_end.Run([]testing.InternalTest{{{listed}}}...) }}\n")
        return Joined(head + rule.between.join(bodies), proves=True)
    place = _end_of_main(bodies[1], r"\bfunc\s+main\s*\(", 0)
    if place is None:
        return Joined(head.replace('; "sandbox_end"', "") + rule.between.join(bodies), proves=False)
    bodies[1] = f"{bodies[1][:place]}\n{rule.proof}\n{bodies[1][place:]}"
    return Joined(head + rule.between.join(bodies), proves=True)


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def _php(source: str, tests: str, rule: Assertions) -> Joined:
    """As it is put behind, but within the tags: what stands outside of them would be printed."""
    if rule.begin:
        source = f"{_go_on_in_php(source, '')}{rule.between}{rule.begin}"
    whole = f"{_go_on_in_php(source, tests)}{rule.between}{tests}"
    return Joined(f"{_go_on_in_php(whole, '')}\n{rule.proof}\n", proves=True)


def _go_on_in_php(text: str, following: str) -> str:
    """The text with the tag behind it that the following needs there."""
    opens = _PHP_OPENS.match(following.lstrip()) is not None
    if _ends_in_php(text):
        # On a line of its own, as a comment might end the last; a newline behind the tag is not printed.
        return f"{text}\n?>" if opens else text
    return text if opens else f"{text}<?php "


def _ends_in_php(text: str) -> bool:
    """Whether the end of the text is read as code, and not printed as it is."""
    place, within = 0, False
    while found := (_PHP_CODE if within else _PHP_OPENS).search(text, place):
        place = found.end()
        within = not within or found.lastgroup != "close"
    return within


_JOINS: Mapping[str, Callable[[str, str, Assertions], Joined]] = {"append": _append, "go": _go, "php": _php}
