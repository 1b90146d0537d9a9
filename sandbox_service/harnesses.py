"""Puts beside or around a program what calls its functions and what runs test code on it: files of the language."""

import base64
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from sandbox_service.errors import BadRequest
from sandbox_service.models import Submission
from sandbox_service.runners import CallStep, Given, Runner
from sandbox_service.sandboxes.contract import Command, File

DEFAULT_OWNER = "Solution"
_ARCHIVE = "sandbox_harness.pyz"

# One match per token and no repetition inside another: the time is linear, whatever the source.
_NO_CODE = re.compile(
    r"""//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?""",
    re.DOTALL,
)


class Part(StrEnum):
    """Of what runs test code: which process it is."""

    CANDIDATE = "candidate"
    TESTS = "tests"
    SAME_PROCESS = "same_process"


def part_command(part: Part, runner: Runner, like: Command, files: Mapping[str, File]) -> Command:
    """Run that part as ``like`` runs a submission, with these files beside it; a warm interpreter has it in memory."""
    assert runner.assertions is not None
    assert runner.assertions.harness is not None
    place = like.argv.index(runner.source)
    return replace(
        like,
        argv=(*like.argv[:place], _ARCHIVE, part.value, *like.argv[place + 1 :]),
        files={**files, _ARCHIVE: _archive(runner.folder / runner.assertions.harness)},
    )


@lru_cache(maxsize=8)
def _archive(folder: Path) -> File:
    """The folder as one file that the interpreter starts; the same every time, as programs are told apart by it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.glob("*.py")):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return File(packed.getvalue())


@dataclass(frozen=True, slots=True)
class Harnessed:
    """A submission with its harness, and its language as that is compiled and run."""

    submission: Submission
    runner: Runner


def harnessed(submission: Submission, runner: Runner, functions: Sequence[str]) -> Harnessed:
    """The submission so that its functions can be called.

    Raises:
        BadRequest: functions are not called in its language.
    """
    if runner.call is None:
        raise BadRequest(f"functions cannot be called in {runner.name}", field="language")
    code = _NO_CODE.sub(" ", submission.source)
    calls = "\n".join(_table(runner.call, code, functions))
    files = {name: text.replace("@CALLS@", calls) for name, text in _texts(runner.folder, runner.call.borrowed).items()}
    around = files.pop(runner.call.around, "@BEFORE@@PROGRAM@\n@AFTER@") if _is_surrounded(runner.call) else "@PROGRAM@"
    before, after = (" ".join(_given(which, code)) for which in (runner.call.before, runner.call.after))
    # The program last: what stands in it is not looked into.
    source = around.replace("@BEFORE@", before).replace("@AFTER@", after).replace("@PROGRAM@", submission.source)
    encoded = {name: base64.b64encode(text.encode()).decode() for name, text in files.items()}
    if runner.call.harness is not None:
        encoded[_ARCHIVE] = base64.b64encode(_archive(runner.folder / runner.call.harness).content).decode()
    changes = {"files": {**submission.files, **encoded}, "source": source}
    return Harnessed(submission.model_copy(update=changes), runner.for_calls)


def _is_surrounded(call: CallStep) -> bool:
    return bool(call.around or call.before or call.after)


def _table(call: CallStep, code: str, functions: Sequence[str]) -> Iterator[str]:
    """A line for each function that the program may have; what it surely lacks has none."""
    for number, function in enumerate(functions):
        said, _, name = function.rpartition(".")
        owner = said or DEFAULT_OWNER
        has_owner = call.owner and re.search(call.owner.replace("NAME", owner), code)
        line = call.method if has_owner else call.function
        if re.search(rf"\b{name}\b", code) and (has_owner or not said or call.without_owner):
            for word, value in (("NUMBER", str(number)), ("CALL", function), ("OWNER", owner), ("NAME", name)):
                line = line.replace(f"@{word}@", value)
            yield line


def _given(given: Sequence[Given], code: str) -> Iterator[str]:
    for each in given:
        if re.search(each.used, code, re.MULTILINE) and not re.search(each.unless, code, re.MULTILINE):
            yield each.text


@lru_cache(maxsize=64)
def _texts(folder: Path, borrowed: Sequence[str]) -> Mapping[str, str]:
    """The harness's files by their names."""
    own = sorted((folder / "call").glob("*.*"))
    return {path.name: path.read_text("utf-8") for path in (*own, *(folder.parent / name for name in borrowed))}
