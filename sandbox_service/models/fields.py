"""The kinds of text and number that the vocabulary is made of."""

import binascii
from collections.abc import Mapping, Sized
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def _without_nul(value: object) -> object:
    if isinstance(value, str) and "\0" in value:
        raise ValueError("must not contain NUL characters")
    return value


Text = Annotated[str, BeforeValidator(_without_nul)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_without_nul)]
EntryPointName = Annotated[  # add, Solution.add, Solution().add
    str, StringConstraints(pattern=r"^[^\W\d]\w*(\(\))?(\.[^\W\d]\w*)?$", max_length=200)
]
Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
PositiveInt = Annotated[int, Field(gt=0, strict=True)]


MAXIMUM_FILES = 100
MAXIMUM_FILES_BYTES = 16 * 2**20


def _below_the_program(name: str) -> str:
    parts = name.split("/")
    if name.startswith("/") or any(part in ("", ".", "..") for part in parts) or any(len(p) > 255 for p in parts):
        raise ValueError(f"{name!r} is not a relative name without '.' and '..'")
    return name


def _base64(content: str) -> str:
    try:
        binascii.a2b_base64(content, strict_mode=True)
    except ValueError as error:
        raise ValueError(f"is not base64: {error}") from None
    return content


def _bounded(files: Mapping[str, str]) -> Mapping[str, str]:
    bytes_in_all = sum(len(content) * 3 // 4 for content in files.values())
    if bytes_in_all > MAXIMUM_FILES_BYTES:
        raise ValueError(f"the files hold more than {MAXIMUM_FILES_BYTES} bytes together")
    return files


FileName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    BeforeValidator(_without_nul),
    AfterValidator(_below_the_program),
]
Base64 = Annotated[str, AfterValidator(_base64)]
Files = Annotated[Mapping[FileName, Base64], Field(max_length=MAXIMUM_FILES), AfterValidator(_bounded)]


def is_none(value: object) -> bool:
    return value is None


def is_false(value: bool) -> bool:
    return not value


def is_empty(value: Sized) -> bool:
    return not value


# With less, a box dies before the program starts, and a runtime's heap is no whole number of MiB.
LEAST_MEMORY_BYTES = 4 * 2**20


class Frozen(BaseModel):
    """A value that never changes and knows all its fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
