"""What a call of the client can end with, when not with answers."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox_service.errors import SandboxServiceError

SHOWN_IDS = 5


class ClientError(SandboxServiceError):
    """Anything that keeps the client from answering."""


class RequestRefused(ClientError):
    """The service understood the request and says no; sending it again does not help."""

    def __init__(self, url: str, status: int, code: str, message: str, field: str | None) -> None:
        super().__init__(f"{url} answered {status} {code}: {message}")
        self.url, self.status, self.code, self.field = url, status, code, field


class NotAnswered(ClientError):
    """The call ended before everything was judged; ``answers`` has what was, by id, ``missing`` the other ids."""

    def __init__(self, why: str, urls: Sequence[str], answers: Mapping[str, Any], missing: Sequence[str]) -> None:
        super().__init__(f"{why}; {_tally(answers, missing)}")
        self.why = why
        self.urls = tuple(urls)
        self.answers = dict(answers)
        self.missing = tuple(missing)


class ServiceAway(NotAnswered):
    """Nobody answered at any of the URLs for as long as the client may wait."""


class DeadlinePassed(NotAnswered):
    """The service is there, but was too slow, too full or failing until the deadline of the call."""


def _tally(answers: Mapping[str, Any], missing: Sequence[str]) -> str:
    total = len(answers) + len(missing)
    shown = ", ".join(missing[:SHOWN_IDS]) + (", …" if len(missing) > SHOWN_IDS else "")
    return f"{len(answers)} of {total} judged, {len(missing)} not: {shown}"
