"""Reads runners/<language>/runner.toml and the examples beside it."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from sandbox_service.errors import BadRequest, ConfigurationError, UnknownName
from sandbox_service.models import Problem, RequestedLimits, Submission, Verdict
from sandbox_service.runners.runner import Runner
from sandbox_service.runners.sections import DefaultLimits
from sandbox_service.settings import Settings

_PACKAGE = Path(__file__).parent.parent
_NONE = "no language's toolchain is installed"
_NAMED_AT_START = 3
_DIRECTORIES = (_PACKAGE / "_runners", _PACKAGE.parent / "runners")  # as installed; as checked out


class Example(NamedTuple):
    """A program whose verdict is known."""

    verdict: Verdict
    submission: Submission
    problem: Problem


def read_runners(settings: Settings) -> Mapping[str, Runner]:
    """Every language of the runners' directory by name.

    Raises:
        ConfigurationError: a runner.toml is not as it must be; the message names the file and the key.
    """
    directory = runners_directory(settings)
    runners = {path.parent.name: _read_runner(path, settings) for path in sorted(directory.glob("*/runner.toml"))}
    if not runners:
        raise ConfigurationError(f"no runner.toml below {directory}; set SANDBOX_RUNNERS_DIRECTORY")
    _check_names(runners)
    return runners


def runners_directory(settings: Settings) -> Path:
    """The configured directory, or the one that came with the package."""
    if settings.runners_directory is not None:
        return settings.runners_directory
    return next(filter(Path.is_dir, _DIRECTORIES), _DIRECTORIES[0])


def find(runners: Mapping[str, Runner], language: str) -> Runner:
    """The runner of a language, by its name or one of its aliases.

    Raises:
        UnknownName: no runner goes by that name.
    """
    wanted = language.lower()
    if wanted in runners:
        return runners[wanted]
    for runner in runners.values():
        if wanted in runner.aliases:
            return runner
    raise UnknownName("language", language, runners, field="language")


def available(runners: Mapping[str, Runner]) -> Mapping[str, Runner]:
    """The runners whose toolchain this machine has."""
    return {name: runner for name, runner in runners.items() if not runner.missing()}


def require_available(runners: Mapping[str, Runner]) -> Mapping[str, Runner]:
    """The same, where there must be one.

    Raises:
        ConfigurationError: there is none; of few languages it is told what each lacks and how to get it.
    """
    found = available(runners)
    if found:
        return found
    if len(runners) > _NAMED_AT_START:
        raise ConfigurationError(
            f"{_NONE}; `make toolchains` installs them, `sandbox-service doctor` says what is missing"
        )
    lacking = [
        f"{name} lacks {executable} ({way})"
        for name, runner in runners.items()
        for executable, way in runner.missing().items()
    ]
    raise ConfigurationError(f"{_NONE}: {'; '.join(lacking)}")


def check_limits(requested: RequestedLimits, settings: Settings) -> None:
    """Raises BadRequest when a limit is above what is configured."""
    for name, value in requested.model_dump(exclude_none=True).items():
        maximum = getattr(settings, f"maximum_{name}")
        if value > maximum:
            # Of an integer all digits: it may be beyond every float.
            raise BadRequest(f"{name}: at most {maximum:.15g}, not {value}", field=f"problem.limits.{name}")


def examples(runner: Runner, settings: Settings) -> Iterator[Example]:
    """The runner's programs, each with the verdict that its file is named after."""
    directory = runners_directory(settings)
    problem = Problem.model_validate(json.loads((directory / "examples.json").read_bytes()))
    for path in sorted((directory / runner.name / "examples").iterdir()):
        submission = Submission(id=f"{runner.name}/{path.name}", language=runner.name, source=path.read_text("utf-8"))
        yield Example(Verdict(path.stem), submission, problem)


def _read_runner(path: Path, settings: Settings) -> Runner:
    try:
        runner = Runner(name=path.parent.name, folder=path.parent, **tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        lines = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"{path}: {'; '.join(lines)}") from None
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    if runner.warm is not None and not (path.parent / "zygote").is_dir():
        raise ConfigurationError(f"{path}: [warm] needs the folder {path.parent / 'zygote'}")
    return runner.model_copy(update={"limits": _capped(runner.limits, settings)})


def _capped(limits: DefaultLimits, settings: Settings) -> DefaultLimits:
    """A language's own limits never exceed what is configured."""
    return DefaultLimits(**{name: min(value, getattr(settings, f"maximum_{name}")) for name, value in limits})


def _check_names(runners: Mapping[str, Runner]) -> None:
    owners: dict[str, str] = {}
    for runner in runners.values():
        for name in (runner.name, *runner.aliases):
            owner = owners.setdefault(name, runner.name)
            if name != name.lower() or owner != runner.name:
                raise ConfigurationError(f"runner {runner.name}: the name {name!r} is not lower case or is {owner}'s")
