"""The constants of a package, which its programs name as {{name}} or {{name.variant}}."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox_service.packages.files import Folder

_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_SEQUENCE = re.compile(rb"\{\{([a-zA-Z_][a-zA-Z0-9_]*(?:\.\w+)?)\}\}")


@dataclass(frozen=True, slots=True)
class Constants:
    """What stands for each sequence; one that is not defined stays as it is."""

    texts: Mapping[bytes, bytes] = field(default_factory=dict)

    def put_into(self, content: bytes) -> bytes:
        """The content with the constants in their places."""
        if not self.texts:
            return content
        return _SEQUENCE.sub(lambda found: self.texts.get(found[1], found[0]), content)


def read_constants(said: object, folder: Folder, path: Path) -> Constants:
    """Those that problem.yaml defines; one that cannot be is noted."""
    texts: dict[bytes, bytes] = {}
    for name, value in said.items() if isinstance(said, dict) else ():
        variants = value if isinstance(value, dict) else {"value": value}
        if not _NAME.fullmatch(str(name)) or "value" not in variants or not all(map(_is_scalar, variants.values())):
            folder.note(path, f"constants: {str(name)[:100]!r} is none that can be")
            continue
        texts[str(name).encode()] = str(variants["value"]).encode()
        texts |= {f"{name}.{variant}".encode(): str(each).encode() for variant, each in variants.items()}
    return Constants(texts)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
