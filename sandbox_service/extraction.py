"""Finds the program in a completion, in time proportional to its length."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sandbox_service.models import ExtractionRule, Reason

# How a model marks what it thinks before it answers.
THINKING = (("<think>", "</think>"), ("<thinking>", "</thinking>"))

DEEPER = 3  # an end may be indented so much more than its beginning, as in Markdown; what is deeper is code
LONGEST_TAG = 40
MOST_FENCES = 200_000  # a second's work, and more than the longest answer has; what follows is not looked at

_RUN = re.compile(r"`{3,}|~{3,}")
_TAG = re.compile(r"[{.]*([A-Za-z0-9_+#-]+)")
_BACKTICKS = "```"


@dataclass(frozen=True, slots=True)
class Extracted:
    """The program, or the reason why there is none."""

    code: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the language that it names, in lower case, and whether a fence ends it."""

    tag: str
    code: str
    closed: bool


NO_CODE = Extracted("", Reason.NO_CODE)
INCOMPLETE_CODE = Extracted("", Reason.INCOMPLETE_CODE)


def extract(completion: str, rule: ExtractionRule, tags: Collection[str]) -> Extracted:
    """The program by the rule; ``tags`` are the names that its language goes by at a fence, in lower case."""
    return _RULES[rule](completion, tags)


def without_thinking(completion: str) -> str:
    """What follows the thinking, which may have begun in the prompt and may never end."""
    for begin, end in THINKING:
        completion = completion.rpartition(end)[2].partition(begin)[0]
    return completion


def blocks(text: str, tags: Collection[str]) -> Iterator[Block]:
    """The fenced blocks of a text as models write them, which is not always as Markdown has it.

    A fence may stand at the end of a line of prose or of code. One that names a language begins a new
    block wherever it stands, unless it is deeper or shorter than the fence of a block in our language:
    a forgotten end, or a block around everything, does no harm.
    """
    opened: _Fence | None = None
    for fence in _fences(text):
        if opened is None:
            if fence.inline is not None:
                yield Block(fence.tag, fence.inline, closed=True)
            elif fence.begins_line or not fence.info or fence.tag in tags:
                opened = fence
        elif _ends(fence, opened, ours=opened.tag in tags, begins_ours=fence.tag in tags):
            yield _block(text, opened, fence.start if fence.begins_line else fence.run_start, closed=True)
            opened = fence if fence.is_tagged else None
    if opened is not None:
        yield _block(text, opened, len(text), closed=False)


def _fenced(pick: Callable[[Sequence[Block]], Block]) -> Callable[[str, Collection[str]], Extracted]:
    def find(completion: str, tags: Collection[str]) -> Extracted:
        found = [block for block in blocks(without_thinking(completion), tags) if not block.code.isspace()]
        found = [block for block in found if block.code]
        # A block that names the language is meant; one that names none may be; one that names another is not.
        candidates = [block for block in found if block.tag in tags] or [block for block in found if not block.tag]
        if not candidates:
            return NO_CODE
        block = pick(candidates)
        return Extracted(block.code) if block.closed else INCOMPLETE_CODE

    return find


def _livecodebench(completion: str, _tags: Collection[str]) -> Extracted:
    """What stands between the last two lines that hold three backticks; thinking is no exception there."""
    last = completion.rfind(_BACKTICKS)
    if last < 0:
        return NO_CODE
    end = completion.rfind("\n", 0, last)
    before = completion.rfind(_BACKTICKS, 0, max(end, 0))
    if before < 0:
        return INCOMPLETE_CODE
    code = completion[completion.index("\n", before) + 1 : end]
    return Extracted(code) if code.strip() else NO_CODE


def _whole(completion: str, _tags: Collection[str]) -> Extracted:
    code = without_thinking(completion)
    return Extracted(code) if code.strip() else NO_CODE


_RULES: Mapping[ExtractionRule, Callable[[str, Collection[str]], Extracted]] = {
    ExtractionRule.LAST_FENCE: _fenced(lambda candidates: candidates[-1]),
    ExtractionRule.FIRST_FENCE: _fenced(lambda candidates: candidates[0]),
    ExtractionRule.LIVECODEBENCH: _livecodebench,
    ExtractionRule.WHOLE: _whole,
}


# ---------------------------------------------------------------- fences


class _Fence(NamedTuple):  # cheaper than a dataclass to make, where a text is all fences
    """A line that a run of backticks or tildes begins or ends; ``inline`` is what a line between two runs holds."""

    start: int
    end: int
    run_start: int
    run: int
    kind: str
    begins_line: bool
    info: str
    tag: str
    inline: str | None = None

    @property
    def indent(self) -> int:
        return self.run_start - self.start

    @property
    def is_tagged(self) -> bool:
        """Whether nothing but the name of a language follows."""
        return bool(self.tag) and len(self.info) == len(self.tag)


def _ends(fence: _Fence, opened: _Fence, *, ours: bool, begins_ours: bool) -> bool:
    """Whether the fence ends the open block."""
    if fence.inline is not None:
        return False
    if not fence.begins_line:
        return not fence.info and fence.kind == opened.kind and fence.run >= opened.run
    if begins_ours and fence.is_tagged and not ours:
        return True
    return fence.kind == opened.kind and fence.run >= opened.run and fence.indent <= opened.indent + DEEPER


def _block(text: str, opened: _Fence, end: int, *, closed: bool) -> Block:
    code = text[opened.end + 1 : end]
    if opened.begins_line and opened.indent:
        code = re.sub(rf"(?m)^[ \t]{{1,{opened.indent}}}", "", code)
    return Block(opened.tag, code, closed)


def _fences(text: str) -> Iterator[_Fence]:
    """One for each line that a run begins or ends; each line is looked at once."""
    position = seen = 0
    while seen < MOST_FENCES and (found := _RUN.search(text, position)):
        seen += 1
        start = text.rfind("\n", position, found.start()) + 1 or position
        end = text.find("\n", found.end())
        end = len(text) if end < 0 else end
        position = end + 1
        line = text[start:end]
        if not line[: found.start() - start].strip():
            yield _at_the_beginning(line, start, end, found)
        elif fence := _at_the_end(line, start, end):
            yield fence


def _at_the_beginning(line: str, start: int, end: int, found: re.Match[str]) -> _Fence:
    kind = found[0][0]
    info = line[found.end() - start :].strip()
    inline = None
    if kind == "`" and info.endswith(_BACKTICKS):
        info = info.rstrip("`").strip()
        inline = info
    tag = _tag(info)
    if inline is not None and len(tag) < len(info) and info[len(tag)].isspace():
        inline = info[len(tag) :].strip()
    elif inline is not None:
        tag = ""
    return _Fence(start, end, found.start(), len(found[0]), kind, True, info, tag, inline)


def _at_the_end(line: str, start: int, end: int) -> _Fence | None:
    """The only run of backticks of a line of something else, when nothing but a tag follows it."""
    at = line.rfind(_BACKTICKS)
    if at < 0:
        return None
    before, info = line[:at].rstrip("`"), line[at + len(_BACKTICKS) :].strip()
    tag = _tag(info)
    if len(info) != len(tag) or _BACKTICKS in before:
        return None
    return _Fence(start, end, start + len(before), at + len(_BACKTICKS) - len(before), "`", False, info, tag)


def _tag(info: str) -> str:
    """The language that the words behind a fence name: ``python``, ``{.python}``, ``Python title=…``."""
    found = _TAG.match(info[:LONGEST_TAG])
    return found[1].lower() if found else ""
