"""The APIs of other services, each translated onto our queue; the table says which there are."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from sandbox_service.compat import (
    areal,
    code_judge,
    execution_router,
    judge0,
    open_instruct,
    openrlhf,
    piston,
    sandbox_fusion,
    scale_box,
    slime,
)
from sandbox_service.errors import ConfigurationError
from sandbox_service.settings import Settings

FOREIGN_APIS: Mapping[str, APIRouter] = {
    "areal": areal.router,
    "code-judge": code_judge.router,
    "execution-router": execution_router.router,
    "judge0": judge0.router,
    "open-instruct": open_instruct.router,
    "openrlhf": openrlhf.router,
    "piston": piston.router,
    "sandbox-fusion": sandbox_fusion.router,
    "scalebox": scale_box.router,
    "slime": slime.router,
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
