"""One job of real programs over HTTP while a worker is killed twice: what came back, and when."""

import json
import signal
import tempfile
import time
from pathlib import Path

from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.e2e.service import Running, running

TESTS = 10
COLUMNS = ["submissions", "answered", "as expected", "seconds", "longest silence, s"]


def measure(plan: Plan) -> Report:
    report = Report("kills")
    report.sheets.append(Sheet("One job while a worker is killed twice with SIGKILL", COLUMNS))
    quiet = {"SANDBOX_LOG_LEVEL": "error"}  # a worker that is killed is warned of
    with tempfile.TemporaryDirectory() as directory, running(Path(directory), workers=2, **quiet) as service:
        _judge(service, plan.of(2000, 300), report)
    return report


def _judge(service: Running, number: int, report: Report) -> None:
    """Every third program is wrong, so that a mixed-up answer shows."""
    expected = {f"r{i}": "wrong_answer" if i % 3 == 0 else "accepted" for i in range(number)}
    started = heard = time.monotonic()
    silence = 0.0
    place = service.client.post("/v1/jobs", json=_job(expected)).headers["Location"]
    got, kills = dict[str, str](), [number // 6, number // 2]
    with service.client.stream("GET", f"{place}/events", headers={"Accept": "application/x-ndjson"}) as stream:
        for line in filter(None, stream.iter_lines()):
            judgement = json.loads(line).get("judgement")
            if judgement is None:
                continue
            silence, heard = max(silence, time.monotonic() - heard), time.monotonic()
            if judgement["id"] in got:
                report.wrong.append(f"kills: {judgement['id']} was answered twice")
            got[judgement["id"]] = judgement["verdict"]
            if kills and len(got) >= kills[0]:
                kills.pop(0)
                service.processes[-1].send_signal(signal.SIGKILL)
                service.start("worker")
    seconds = time.monotonic() - started
    for name, verdict in expected.items():
        report.check(name, got.get(name, "no answer"), verdict)
    right = sum(got.get(name) == verdict for name, verdict in expected.items())
    report.sheets[0].rows.append([str(number), str(len(got)), str(right), f"{seconds:.1f}", f"{silence:.1f}"])
    report.figures["kills.longest_silence_seconds"] = silence


def _job(expected: dict[str, str]) -> dict[str, object]:
    """Squares, and wrong squares."""
    programs = {"accepted": "print(int(input()) ** 2)", "wrong_answer": "print(int(input()) ** 2 + 1)"}
    return {
        "problem": {"tests": [{"stdin": f"{n}\n", "expected": f"{n * n}\n"} for n in range(TESTS)]},
        "submissions": [{"id": i, "language": "python", "source": programs[v]} for i, v in expected.items()],
    }
