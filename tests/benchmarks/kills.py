"""One job of 2,000 real programs over HTTP while a worker is killed twice; says what came back, and when."""

import argparse
import json
import signal
import tempfile
import time
from pathlib import Path

from tests.e2e.service import Running, running


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--submissions", type=int, default=2000)
    arguments.add_argument("--tests", type=int, default=10)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as directory, running(Path(directory), workers=2) as service:
        return judge(service, chosen.submissions, chosen.tests)


def judge(service: Running, number: int, tests: int) -> int:
    """Every third program is wrong, so that a mixed-up answer shows."""
    expected = {f"r{i}": "wrong_answer" if i % 3 == 0 else "accepted" for i in range(number)}
    started = time.monotonic()
    place = service.client.post("/v1/jobs", json=job(expected, tests)).headers["Location"]
    got, kills = dict[str, str](), [number // 6, number // 2]
    with service.client.stream("GET", f"{place}/events", headers={"Accept": "application/x-ndjson"}) as stream:
        for line in filter(None, stream.iter_lines()):
            judgement = json.loads(line).get("judgement")
            if judgement is None:
                continue
            assert judgement["id"] not in got, "answered twice"
            got[judgement["id"]] = judgement["verdict"]
            if kills and len(got) >= kills[0]:
                kills.pop(0)
                service.processes[-1].send_signal(signal.SIGKILL)
                service.start("worker")
    seconds = time.monotonic() - started
    print(f"{len(got)} of {number} answered, {sum(got[i] == expected[i] for i in got)} as expected, {seconds:.1f} s")
    return 0 if got == expected else 1


def job(expected: dict[str, str], tests: int) -> dict[str, object]:
    """Squares, and wrong squares."""
    programs = {"accepted": "print(int(input()) ** 2)", "wrong_answer": "print(int(input()) ** 2 + 1)"}
    return {
        "problem": {"tests": [{"stdin": f"{n}\n", "expected": f"{n * n}\n"} for n in range(tests)]},
        "submissions": [{"id": i, "language": "python", "source": programs[v]} for i, v in expected.items()],
    }


if __name__ == "__main__":
    raise SystemExit(main())
