"""How the tests of a problem make up its score."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from sandbox_service.models.fields import Frozen, Name

MOST_GROUPS = 1000

Weight = Annotated[float, Field(ge=0, le=1e9)]


class Aggregation(StrEnum):
    """What becomes of the scores within a group; pass_fail is all of them or nothing."""

    SUM = "sum"
    MIN = "min"
    MAX = "max"
    AVERAGE = "average"
    PASS_FAIL = "pass_fail"


class OnReject(StrEnum):
    """What becomes of the rest of a group when one of its tests, or of a group in it, scores nothing."""

    CONTINUE = "continue"
    BREAK = "break"


class Group(Frozen):
    """Tests that count together: those that name it, and those of the groups whose names go on from its own with a /.

    ``points`` is what it is worth when all is passed, whatever the weights within are; without them it is worth what
    they come to. It counts for nothing unless every test of the groups it ``requires`` is passed.
    """

    name: Name
    aggregation: Aggregation = Aggregation.MIN
    points: Weight | None = None
    on_reject: OnReject = OnReject.CONTINUE
    requires: tuple[Name, ...] = Field((), max_length=MOST_GROUPS)


class Scoring(Frozen):
    """The groups of a problem; what stands beside them is of the whole, as if it were one group around all."""

    groups: tuple[Group, ...] = Field((), max_length=MOST_GROUPS)
    aggregation: Aggregation = Aggregation.SUM
    points: Weight | None = None
    on_reject: OnReject = OnReject.CONTINUE

    @model_validator(mode="after")
    def _groups_that_fit(self) -> Self:
        names = set[str]()
        for group in self.groups:
            if group.name in names:
                raise ValueError(f"duplicate group {group.name!r}")
            names.add(group.name)
        for group in self.groups:
            for required in group.requires:
                if required not in names:
                    raise ValueError(f"group {group.name!r} requires {required!r}, which is none of the groups")
                if f"{required}/".startswith(f"{group.name}/"):
                    raise ValueError(f"group {group.name!r} requires {required!r}, which is part of it")
        return self
