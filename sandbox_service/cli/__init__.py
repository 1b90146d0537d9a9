"""The command line: serve, api, worker, judge, verify, doctor."""

import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from sandbox_service import __version__, logs
from sandbox_service.errors import BadRequest, SandboxServiceError
from sandbox_service.settings import Settings, read_settings

__all__ = ["app", "main"]

NOT_OURS_TO_JUDGE = 2  # a usage error or a failure of ours, as opposed to a program that is not accepted

app = typer.Typer(
    name="sandbox-service",
    help="A judge for programs written by models: programs and tests in, verdicts and rewards out.",
    epilog="Everything is configured by SANDBOX_… variables; docs/operations.md lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command; what cannot be done is one line on stderr."""
    try:
        app()
    except SandboxServiceError as error:
        sys.exit(_complain(error))


def _complain(error: SandboxServiceError) -> int:
    where = f"{error.field}: " if isinstance(error, BadRequest) and error.field else ""
    message = str(error) if where.strip(": ") in str(error) else where + str(error)
    Console(stderr=True, soft_wrap=True).print(f"[red]error:[/] {escape(message)}", highlight=False)
    return NOT_OURS_TO_JUDGE


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sandbox-service {__version__}")
        raise typer.Exit


def _configured() -> Settings:
    settings = read_settings()
    logs.configure(settings.log_level)
    return settings


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def serve() -> None:
    """Start everything on this machine: Redis, workers and the API."""
    settings = _configured()
    from sandbox_service.serve import serve as serve_all

    serve_all(settings)


@app.command()
def api() -> None:
    """Start the API alone; SANDBOX_REDIS_URL says where the queue is."""
    settings = _configured()
    from sandbox_service.api.server import run_api
    from sandbox_service.compat import foreign_apis

    run_api(settings, foreign_apis(settings))


@app.command()
def worker() -> None:
    """Start one worker alone; SANDBOX_REDIS_URL says where the queue is."""
    settings = _configured()
    from sandbox_service.worker import run_worker

    run_worker(settings)


@app.command(hidden=True)
def workers() -> None:
    """Start SANDBOX_WORKERS workers that share their memory; `serve` starts this itself."""
    settings = _configured()
    from sandbox_service.workers import run_workers

    raise typer.Exit(run_workers(settings, _complain))


@app.command()
def judge(
    file: Annotated[Path, typer.Argument(help="The program.", exists=True, dir_okay=False)],
    tests: Annotated[
        Path,
        typer.Option(
            help="Folder of tests: each [bold]NAME.in[/] with [bold]NAME.ans[/] or [bold]NAME.out[/], at any depth. "
            "Without an answer the program is only run.",
            exists=True,
            file_okay=False,
        ),
    ],
    language: Annotated[str | None, typer.Option(help="Its language. By default the file's name tells it.")] = None,
    option: Annotated[
        list[str] | None, typer.Option(help="A choice the language declares, as [bold]standard=c++20[/]; repeatable.")
    ] = None,
    checker: Annotated[
        str, typer.Option(help='A name, or JSON as [bold]{"name": "floats", "absolute": 1e-6}[/].')
    ] = "tokens",
    cpu_seconds: Annotated[float | None, typer.Option(help="CPU limit; by default the language's own.")] = None,
    wall_seconds: Annotated[float | None, typer.Option(help="Wall-clock limit; by default a multiple of CPU.")] = None,
    memory: Annotated[
        str | None, typer.Option(help="Memory limit in bytes, or as [bold]256M[/] or [bold]2G[/].")
    ] = None,
    stop_on_failure: Annotated[bool, typer.Option("--stop-on-failure", help="End at the first failed test.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the judgement as JSON.")] = False,
) -> None:
    """Judge one program on this machine, without a server.

    Exit code: 0 accepted, 1 not accepted, 2 it could not be judged.
    """
    from sandbox_service.cli.judging import Request, judge_file

    request = Request(
        file=file,
        tests=tests,
        language=language,
        options=option or (),
        checker=checker,
        cpu_seconds=cpu_seconds,
        wall_seconds=wall_seconds,
        memory=memory,
        stop_on_failure=stop_on_failure,
    )
    raise typer.Exit(judge_file(request, read_settings(), as_json=as_json))


@app.command()
def alive(part: Annotated[Literal["api", "worker"], typer.Argument(help="What runs here.")]) -> None:
    """Say whether the API or the worker of this container lives.

    Exit code: 0 it lives, 2 it does not, or nothing can be said.
    """
    from sandbox_service.cli.alive import check

    check(part, read_settings())


@app.command()
def verify(
    packages: Annotated[
        list[Path],
        typer.Argument(
            help="Problem packages of Kattis, the ICPC tools or DOMjudge, or folders of them.",
            exists=True,
            file_okay=False,
        ),
    ],
    only: Annotated[
        str | None,
        typer.Option(help="Judge these submissions alone, as [bold]accepted/*[/] or [bold]*/*.{py,java}[/]."),
    ] = None,
    cpu_seconds: Annotated[
        float | None, typer.Option(min=0.001, help="Time limit; by default the package's own, see below.")
    ] = None,
    instead: Annotated[
        list[str] | None,
        typer.Option(help="Judge programs of one language in another, as [bold]python=pypy[/]; repeatable."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="Choose for an option of a language, as [bold]cpp.standard=c++20[/]; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Judge the example submissions of problem packages and compare with what is said of them.

    What is said: the folder (submissions/accepted, wrong_answer, …), a note @EXPECTED_RESULTS@ in the source, and
    submissions/submissions.yaml. The time limit: domjudge-problem.ini, problem.yaml or .timelimit; without one it
    follows from the slowest accepted submission and the package's multiplier. SANDBOX_WORKERS are judged at a time, and
    each is shown as it comes. Ctrl-C ends it with what was judged so far.

    Exit code: 0 all got what is said of them, 1 one did not, 2 something is missing or unreadable (the rest is judged),
    130 it was interrupted.
    """
    from sandbox_service.cli.verifying import verify_packages

    raise typer.Exit(
        verify_packages(
            packages,
            read_settings(),
            only=only,
            cpu_seconds=cpu_seconds,
            instead=instead or (),
            options=option or (),
            as_json=as_json,
        )
    )


@app.command(hidden=True)
def judge_examples() -> None:
    """Judge the examples that `serve` left for later; it starts this itself."""
    settings = _configured()
    from sandbox_service.examples import judge_others

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the box is closed on the way out
    judge_others(settings)


@app.command()
def doctor(
    examples: Annotated[
        bool, typer.Option("--examples", help="Also judge every language's examples and compare the verdicts.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Show what this machine can isolate and which languages it has.

    Exit code: 0 the configured minimum isolation holds (and the examples came out as expected), 1 it does not.
    """
    from sandbox_service.doctor import examine

    raise typer.Exit(examine(read_settings(), with_examples=examples, as_json=as_json))
