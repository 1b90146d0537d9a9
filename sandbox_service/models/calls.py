"""A test that calls a function: which one, with what, and what plain data is."""

import math
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from sandbox_service.models.fields import Frozen

DEEPEST_VALUE = 100  # containers within containers; what is deeper is no test, and no answer

# Nothing else: compiled languages have it written into a program.
_NAME = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$"


def plain(value: JsonValue) -> JsonValue:
    """The value, if every language can have it: numbers are finite, and containers not too deep.

    Raises:
        ValueError: it is not so.
    """
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, float) and not math.isfinite(each):
            raise ValueError("NaN and infinity are not allowed")
        if isinstance(each, list | dict):
            if depth == DEEPEST_VALUE:
                raise ValueError(f"holds containers more than {DEEPEST_VALUE} deep")
            waiting.extend((inner, depth + 1) for inner in (each.values() if isinstance(each, Mapping) else each))
    return value


FunctionName = Annotated[str, StringConstraints(max_length=200, pattern=_NAME)]
Plain = Annotated[JsonValue, AfterValidator(plain)]


class Call(Frozen):
    """A function of the program, or ``Class.method``, and the arguments that it is called with."""

    function: FunctionName
    arguments: Annotated[tuple[Plain, ...], Field(max_length=100)] = ()

    def __hash__(self) -> int:  # of what can be hashed
        return hash((self.function, len(self.arguments)))
