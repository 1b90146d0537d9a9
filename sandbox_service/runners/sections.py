"""The sections of a runner.toml."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sandbox_service.models import Frozen

Words = tuple[str, ...]
Positive = Annotated[int, Field(gt=0)]


class Option(Frozen):
    """Something a caller may choose; each choice stands for words of an argument vector."""

    default: str
    choices: Mapping[str, Words]

    @model_validator(mode="after")
    def _default_is_a_choice(self) -> Self:
        if self.default not in self.choices:
            raise ValueError(f"default {self.default!r} is none of the choices")
        return self


class DefaultLimits(Frozen):
    """The limits of an execution for which the caller names none."""

    cpu_seconds: Annotated[float, Field(gt=0)]
    memory_bytes: Positive
    output_bytes: Positive
    processes: Positive


class Overhead(Frozen):
    """What the language's runtime takes for itself, granted on top of the caller's limits."""

    memory_bytes: Annotated[int, Field(ge=0)] = 0
    processes: Annotated[int, Field(ge=0)] = 0


class CompileStep(Frozen):
    """How a source is compiled, or only checked when ``collect`` is empty.

    ``{linked}`` are the files beside the source whose names end as ``linked`` says, such as ``.cpp``; ``{with_tool}``
    are the words for the first of the executables named there that this machine has.
    """

    argv: Annotated[Words, Field(min_length=1)]
    environment: Mapping[str, str] = Field(default_factory=dict)
    collect: Words = ()
    linked: Words = ()
    with_tool: Mapping[str, Words] = Field(default_factory=dict)
    limits: DefaultLimits


class RunStep(Frozen):
    """How a program is run; ``memory_exhausted`` are the endings by which its runtime says so."""

    argv: Annotated[Words, Field(min_length=1)]
    environment: Mapping[str, str] = Field(default_factory=dict)
    memory_exhausted_exit_codes: tuple[int, ...] = ()
    memory_exhausted_signals: tuple[int, ...] = ()


class Prepare(Frozen):
    """Something made once a machine, in a box, that makes compiling faster, or what was compiled.

    ``use`` stands in the compiler's command for ``{fast}``, ``use_to_run`` in the program's, and there ``{prepared}``
    for the folder with what was collected. Sources that do not have ``mentioned`` in them do without, and so do those
    in which the pattern ``unless`` is found, as for them something would be missing: what does not compile with such a
    preparation is compiled again with the next one, or with none.
    """

    files: Mapping[str, str]
    argv: Annotated[Words, Field(min_length=1)]
    collect: Annotated[Words, Field(min_length=1)]
    use: Words
    use_to_run: Words = ()
    mentioned: str = ""
    unless: str = ""

    def is_for(self, source: str) -> bool:
        return self.mentioned in source and not (self.unless and re.search(self.unless, source))


class Warm(Frozen):
    """An interpreter kept warm, whose forks are the programs; its few lines are in the runner's folder ``zygote``.

    ``preload`` is imported before any program arrives. A program that imports one of the ``packages``, which are
    too heavy for everybody, is a fork of an interpreter that has that package loaded too. Compiling leaves ``code``.
    Without ``at_start``, it only takes memory from the language's first program on.
    """

    preload: Words = ()
    packages: Words = ()
    code: str
    at_start: bool = True


class Assertions(Frozen):
    """How test code meets a submission.

    ``harness`` is the folder, beside the runner's file, with the lines by which they run in two boxes and in one
    process. A language without it has the test code put behind the source by ``join``, after ``between``; ``proof``
    leaves behind that the end was reached, at the end of the function that ``main`` finds or at that of the file.
    ``files`` are laid beside the source, and ``arguments`` are what the program is called with.

    A source whose last comment or text is left open would swallow the head of the test code. ``between`` closes what
    it can; ``begin`` stands behind it and makes a name, for which ``@BEGUN@`` stands, that ``begun`` asks for before
    ``proof``.
    """

    harness: str | None = None
    join: Literal["append", "go", "php"] = "append"
    between: str = "\n"
    begin: str = ""
    begun: str = ""
    main: str | None = None
    proof: str | None = None
    files: Mapping[str, str] = Field(default_factory=dict)
    arguments: tuple[str, ...] = ()


class Given(Frozen):
    """A text for programs in which the pattern ``used`` is found and ``unless`` is not; comments do not count."""

    text: str
    used: str = ""
    unless: str = "(?!)"  # found nowhere


class CallStep(Frozen):
    """How functions of a program are called, by what stands in the runner's folder ``call``.

    Its files are laid beside the program, but for ``around``, whose text takes the program's place: there
    ``@PROGRAM@`` stands for it, and ``@BEFORE@`` and ``@AFTER@`` for what is given to it. In any of the files
    ``@CALLS@`` stands for a line for each function that is called: ``method``, or ``function`` in a program without a
    class of the owner's name, which is declared as ``owner`` says; ``without_owner`` says whether a function may then
    stand for a method. ``argv``, ``compile`` and ``entry`` take the places of the language's own ways, and ``collect``
    is collected too. ``borrowed`` are files of other languages, by their names below the runners' directory. A
    ``harness`` is the folder that assertions have as well, laid beside the program as the one file that ``argv`` names.
    """

    harness: str | None = None
    argv: Words = ()
    compile: Words = ()
    collect: Words = ()
    entry: str = ""
    borrowed: Words = ()
    around: str = ""
    before: tuple[Given, ...] = ()
    after: tuple[Given, ...] = ()
    owner: str = ""
    method: str = ""
    function: str = ""
    without_owner: bool = False
