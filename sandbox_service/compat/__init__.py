"""The APIs of other services, each translated onto our queue; the table says which there are."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from sandbox_service.compat import code_judge, piston, sandbox_fusion
from sandbox_service.errors import ConfigurationError
from sandbox_service.settings import Settings

FOREIGN_APIS: Mapping[str, APIRouter] = {
    "code-judge": code_judge.router,
    "piston": piston.router,
    "sandbox-fusion": sandbox_fusion.router,
}


def foreign_apis(settings: Settings) -> Sequence[APIRouter]:
    """The routers of those that are configured.

    Raises:
        ConfigurationError: there is no such API.
    """
    names = settings.foreign_apis
    for name in names:
        if name not in FOREIGN_APIS and (name not in ("all", "none") or len(names) > 1):
            available = ", ".join(FOREIGN_APIS)
            raise ConfigurationError(f"SANDBOX_FOREIGN_APIS: unknown {name!r}; available: {available}, or all, or none")
    return [api for name, api in FOREIGN_APIS.items() if name in names or "all" in names]
