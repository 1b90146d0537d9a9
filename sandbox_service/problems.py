"""Whether the parts of a problem go together: its tests, their scoring, and who decides."""

from sandbox_service import scoring
from sandbox_service.errors import BadRequest
from sandbox_service.models import (
    CheckerProgram,
    CheckerProtocol,
    InteractorProtocol,
    Outline,
    Problem,
    ProblemProgram,
    TestKind,
)


def check(problem: Problem, outline: Outline) -> None:
    """The same for tests that came along and for those that were uploaded before: ``outline`` is of either.

    Raises:
        BadRequest: they do not; ``field`` says which part is to blame.
    """
    try:
        scoring.check(problem.scoring, outline)
        _check_who_decides(problem)
        _check_somebody_is_called(problem, outline)
        _check_kind(problem, outline.kind)
    except BadRequest as error:
        error.field = field_of(problem, error.field)
        raise


def field_of(problem: Problem, field: str | None) -> str | None:
    """Where it stands in the request, in which uploaded tests have a name alone."""
    if problem.tests is None and field is not None and field.startswith("problem.tests."):
        return "problem.test_set"
    return field


def _check_who_decides(problem: Problem) -> None:
    """One of them has the last word; only a testlib interactor may leave it to a testlib checker."""
    interactor, checker = problem.interactor, problem.checker
    if interactor is not None and checker is not None:
        testlib = interactor.protocol is InteractorProtocol.TESTLIB
        if not testlib or not isinstance(checker, CheckerProgram) or checker.protocol is not CheckerProtocol.TESTLIB:
            message = (
                "problem.checker: the interactor decides; only beside one of testlib's may be a checker of testlib's"
            )
            raise BadRequest(message, field="problem.checker")
    decides = interactor or checker
    if problem.passes > 1 and getattr(decides, "protocol", None) != CheckerProtocol.KATTIS:
        message = "problem.passes: more than one needs a checker program or an interactor with the protocol 'kattis'"
        raise BadRequest(message, field="problem.passes")


def _check_somebody_is_called(problem: Problem, outline: Outline) -> None:
    if outline.called is not None and not isinstance(problem.interactor or problem.checker, ProblemProgram):
        message = (
            f"test {outline.called} has checker_arguments, and there is no checker program and no interactor "
            "to call with them"
        )
        raise BadRequest(message, field=f"problem.tests.{outline.called}.checker_arguments")


def _check_kind(problem: Problem, kind: TestKind) -> None:
    """Programs of the problem see what a submission prints; test code needs nobody beside it."""
    if kind is TestKind.STDIN:
        return
    if problem.interactor is not None:
        message = f"problem.interactor: it goes with tests that have 'stdin', not '{kind}'"
        raise BadRequest(message, field="problem.interactor")
    if isinstance(problem.checker, CheckerProgram) or (problem.checker is not None and kind is TestKind.ASSERTIONS):
        raise BadRequest(f"problem.checker: it does not go with tests that have '{kind}'", field="problem.checker")
