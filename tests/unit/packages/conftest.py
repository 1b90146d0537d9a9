"""Packages written for a test."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

MakePackage = Callable[[Mapping[str, str | bytes]], Path]

SQUARES = {
    "problem.yaml": "name: Squares\n",
    "data/sample/1.in": "2\n",
    "data/sample/1.ans": "4\n",
    "data/secret/1.in": "3\n",
    "data/secret/1.ans": "9\n",
    "data/secret/2.in": "12\n",
    "data/secret/2.ans": "144\n",
    "submissions/accepted/right.py": "print(int(input()) ** 2)\n",
    "submissions/wrong_answer/wrong.py": "print(4)\n",
    "submissions/run_time_error/crash.py": "print(int(input()) ** 2 // (int(input()) - 3))\n",
}


@pytest.fixture
def make_package(tmp_path: Path) -> MakePackage:
    """Writes a package of these files, on top of one about squares; an empty content removes a file of that one."""

    def make(files: Mapping[str, str | bytes]) -> Path:
        for name, content in {**SQUARES, **files}.items():
            path = tmp_path / "squares" / name
            if content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / "squares"

    return make
