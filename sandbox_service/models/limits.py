"""The limits a caller may name."""

from typing import Annotated

from pydantic import Field

from sandbox_service.models.fields import LEAST_MEMORY_BYTES, Frozen, PositiveInt


class RequestedLimits(Frozen):
    """The limits a caller names; what is left out comes from the language's runner."""

    cpu_seconds: Annotated[float, Field(gt=0)] | None = None
    wall_seconds: Annotated[float, Field(gt=0)] | None = None
    memory_bytes: Annotated[int, Field(ge=LEAST_MEMORY_BYTES, strict=True)] | None = None
    output_bytes: PositiveInt | None = None
    processes: PositiveInt | None = None
