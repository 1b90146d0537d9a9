"""Our failures, drawn as a tree; a program's failure is a verdict and never appears here."""

from collections.abc import Iterable


class SandboxServiceError(Exception):
    """Anything that is our failure or the caller's, never the submitted program's."""


class BadRequest(SandboxServiceError):
    """The caller asked for something that does not exist or is not allowed; ``field`` names where."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownName(BadRequest):
    """A language, checker, reward or option that does not exist."""

    def __init__(self, kind: str, name: str, available: Iterable[str], *, field: str | None = None) -> None:
        names = ", ".join(sorted(available))
        super().__init__(f"unknown {kind} {name!r}; available: {names}", field=field)


class UnknownTestSet(BadRequest):
    """A digest that was never uploaded, or whose time has run out."""


class UnknownJob(BadRequest):
    """A job id that was never given out, or whose time has run out."""


class Conflict(BadRequest):
    """An idempotency key that was used before with another body."""


class ConfigurationError(SandboxServiceError):
    """The service cannot start as it is configured; the message names the cause and the mend."""


class SandboxUnavailable(ConfigurationError):
    """No box of the configured minimum can be had on this machine."""


class BoxBroken(SandboxServiceError):
    """A box did not do what its contract says; it is thrown away and nothing is concluded from it."""


class ProblemProgramFailed(SandboxServiceError):
    """A checker or an interactor that came with the problem failed; ``log`` is what it or its compiler said."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class Stopped(SandboxServiceError):
    """Judging was asked to stop; nothing is concluded and the submission is to be judged again."""


class QueueUnavailable(SandboxServiceError):
    """Redis does not answer; try again in ``retry_after_seconds``."""

    def __init__(self, message: str, *, retry_after_seconds: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class QueueFull(QueueUnavailable):
    """More is queued than is allowed; try again in ``retry_after_seconds``."""
