"""The lines by which a language's test code and submissions run: files of a folder, joined into one program each."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from sandbox_service.compilers import Compiler
from sandbox_service.models import Submission
from sandbox_service.programs import Program
from sandbox_service.runners import Runner
from sandbox_service.sandboxes.contract import Box, Command, File, Step

CANDIDATE, TESTS, SAME_PROCESS = "candidate", "tests", "same_process"
_PARTS: Mapping[str, Sequence[str]] = {
    CANDIDATE: ("codec", "remotes", "peer", "candidate"),
    TESTS: ("codec", "remotes", "peer", "suite", "tests"),
    SAME_PROCESS: ("suite", "same_process"),
}
_OWN_IMPORT = re.compile(r"^from (?:codec|remotes|peer|suite) import (?:\([^)]*\)|.*)\n", re.MULTILINE)
_FILE = "sandbox_harness.py"


@lru_cache(maxsize=32)
def _source(folder: Path, name: str) -> str:
    parts = ((folder / f"{part}.py").read_text("utf-8") for part in _PARTS[name])
    return "\n".join(_OWN_IMPORT.sub("", part) for part in parts)


def compiled(name: str, runner: Runner, box: Box, compiler: Compiler) -> Program:
    """The program of that name, for a runner that has a harness."""
    assert runner.assertions is not None
    assert runner.assertions.harness is not None
    source = _source((runner.folder / runner.assertions.harness).resolve(), name)
    return compiler.compile(Submission(id=name, language=runner.name, source=source), runner, box)


def command(program: Program, like: Command, runner: Runner, files: Mapping[str, File]) -> Command:
    """Run the harness as that command runs a submission, with these files beside it."""
    return replace(
        like,
        argv=tuple(_FILE if word == runner.source else word for word in like.argv),
        files={**files, _FILE: program.files[runner.source]},
        step=None if program.code is None else Step.RUN,
        code=program.code or b"",
    )


def submission_files(like: Command) -> Mapping[str, File]:
    """What the harness loads the submission from: its files, and its code where that is compiled already."""
    return {**like.files, "submission.code": File(like.code)} if like.code else like.files
