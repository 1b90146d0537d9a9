"""Checkers of values: what a function answered beside what is expected of it."""

from collections.abc import Callable, Mapping

from sandbox_service.checkers.values.contract import ValueChecker
from sandbox_service.checkers.values.livecodebench import livecodebench
from sandbox_service.checkers.values.strict import strict

__all__ = ["VALUE_CHECKERS", "ValueChecker"]

VALUE_CHECKERS: Mapping[str, Callable[..., ValueChecker]] = {
    "livecodebench": livecodebench,
    "strict": strict,
}
