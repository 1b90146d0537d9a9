"""A training step's rewards as X-Coder asks for them: posts of 160 executions to code-judge's API, 16 at a time."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from tests.benchmarks.plan import Plan
from tests.benchmarks.report import Report, Sheet
from tests.benchmarks.serving import serving
from tests.benchmarks.squares import PRELUDE

PROMPTS, ROLLOUTS, TESTS = 512, 8, 10
RESPONSES_PER_POST, POSTS_AT_ONCE = 16, 16
COLUMNS = ["posts", "executions", "answered", "as expected", "seconds", "executions/s", "slowest post, s"]


@dataclass(frozen=True, slots=True)
class Response:
    """A program that is right for some inputs: no two neighbours pass the same tests, so that mixed-up answers show."""

    number: int
    inputs: Sequence[int]
    passes: Sequence[bool]

    def submissions(self, tag: str) -> list[dict[str, str]]:
        right = [n for n, passed in zip(self.inputs, self.passes, strict=True) if passed]
        wrong = ("print(-n)", "raise ValueError(n)", "print(n * n, flush=True); exit(1)")[self.number % 3]
        source = f"# {tag} {self.number}\n{PRELUDE}n = int(input())\nif n in {right}: print(n * n)\nelse: {wrong}\n"
        return [
            {"type": "python", "solution": source, "input": f"{n}\n", "expected_output": f"{n * n}\n"}
            for n in self.inputs
        ]


def measure(plan: Plan) -> Report:
    report = Report("step")
    report.sheets.append(Sheet("One training step of X-Coder's, through /judge/long-batch", COLUMNS))
    responses = _responses(plan.of(PROMPTS, 32) * ROLLOUTS)
    posts = [responses[at : at + RESPONSES_PER_POST] for at in range(0, len(responses), RESPONSES_PER_POST)]
    with serving(plan.cores) as service, httpx.Client(base_url=service.url, timeout=None) as client:

        def post(part: Sequence[Response]) -> tuple[list[bool], float]:
            began = time.monotonic()
            submissions = [each for response in part for each in response.submissions(plan.tag)]
            answer = client.post("/judge/long-batch", json={"type": "batch", "submissions": submissions})
            answer.raise_for_status()  # a caller of this kind does not try again
            return [result["success"] for result in answer.json()["results"]], time.monotonic() - began

        began = time.monotonic()
        with ThreadPoolExecutor(POSTS_AT_ONCE) as pool:
            answers = list(pool.map(post, posts))
        seconds = time.monotonic() - began
    _tell(report, posts, answers, seconds)
    return report


def _responses(number: int) -> list[Response]:
    drawn = random.Random(7)
    patterns = drawn.sample(range(1 << TESTS), 1 << TESTS)
    return [
        Response(
            number=i,
            inputs=drawn.sample(range(2, 100_000), TESTS),
            passes=[bool(patterns[i % len(patterns)] >> test & 1) for test in range(TESTS)],
        )
        for i in range(number)
    ]


def _tell(
    report: Report, posts: Sequence[Sequence[Response]], answers: Sequence[tuple[list[bool], float]], seconds: float
) -> None:
    executions = right = answered = 0
    for position, (part, (got, _)) in enumerate(zip(posts, answers, strict=True)):
        expected = [passed for response in part for passed in response.passes]
        report.check(f"post {position}: answers", str(len(got)), str(len(expected)))
        as_expected = sum(one is other for one, other in zip(got, expected, strict=False))
        report.check(f"post {position}: answers as expected", str(as_expected), str(len(expected)))
        executions, answered, right = executions + len(expected), answered + len(got), right + as_expected
    slowest = max(took for _, took in answers)
    counts = [len(posts), executions, answered, right]
    report.sheets[0].rows.append([*map(str, counts), f"{seconds:.1f}", f"{executions / seconds:.0f}", f"{slowest:.1f}"])
    report.figures["step.seconds"] = seconds
    report.figures["step.executions_per_second"] = executions / seconds
