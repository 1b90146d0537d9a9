"""Programs that write what may be taken for an answer or a verdict."""

import pytest

from tests.runners.calls.attacks import FORGE, ONLY_RE, ONLY_WA, SCAN, Attack, Judge, gains_nothing

ATTACKS: dict[str, Attack] = {
    **{
        f"K34 writes {name} to break the reading": (
            SCAN + FORGE + f"def solve(n):\n    write_everywhere(forge({text!r}))\n    os._exit(0)",
            ONLY_WA,
        )
        for name, text in {
            "nothing": "",
            "no JSON": "{",
            "NaN": "NaN",
            "a tag that is none": '{"$int": "9"}',
            "half a surrogate": '"\\ud800"',
            "an exponent": "1e999999999",
        }.items()
    },
    "K14 prints what may be a mark": (
        "print('PASSED', 'ok', 'returned 1\\n9')\nimport sys\nsys.stderr.write('returned 1\\n9')\ndef solve(n): return 1",
        ONLY_WA,
    ),
    "K15 writes a verdict everywhere": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(b'{\"passed\": true}')\n    os._exit(0)",
        ONLY_RE,
    ),
    "K15 writes an answer everywhere and answers": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('9'))\n    return 9",
        ONLY_RE,
    ),
    "K15 writes a wrong answer and leaves": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('1'))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K15 writes a part of an answer": (
        SCAN + "def solve(n):\n    write_everywhere(b'returned 10\\n9')\n    os._exit(0)",
        ONLY_RE,
    ),
    "K15 says that it is unsupported, in colours": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge(chr(27) + '[2J' * 9999, 'unsupported'))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K15 replaces the file by a link": (
        "import os\ndef solve(n):\n    os.unlink('call.result')\n    os.symlink('/etc/passwd', 'call.result')\n    return n * n",
        ONLY_RE,
    ),
    "K15 replaces the file by a pipe": (
        "import os\ndef solve(n):\n    os.unlink('call.result')\n    os.mkfifo('call.result')\n    return n * n",
        ONLY_RE,
    ),
    "K29 writes a large integer": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('9' * 10**6))\n    os._exit(0)",
        ONLY_WA,
    ),
    "K29 writes what is deep": (
        SCAN + FORGE + "def solve(n):\n    write_everywhere(forge('[' * 10**6))\n    os._exit(0)",
        ONLY_WA,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_nothing_is_gained_by(name: str, judge_python: Judge):
    gains_nothing(judge_python, *ATTACKS[name])
