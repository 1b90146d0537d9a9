"""Bad input, overload and our own failure, answered by each foreign API in its own shape and status."""

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from sandbox_service.compat import (
    areal,
    code_judge,
    evaluations,
    execution_router,
    open_instruct,
    piston,
    rewarding,
    sandbox_fusion,
)
from sandbox_service.models import Isolation, Job, Judgement, Submission, TestCase, Tier
from sandbox_service.queues.slots import judge_error
from sandbox_service.settings import Settings
from tests.compat.conftest import serving

ECHO = "print(input())"
FENCED = f"```python\n{ECHO}\n```"
CASE = {"input": {"stdin": "1"}, "output": {"stdout": "1"}}
Told = tuple[int, object]


def detail(answer: httpx.Response) -> bool:
    """FastAPI's: a sentence, or a list of places."""
    told = answer.json()["detail"]
    return isinstance(told, str) or {"type", "loc", "msg"} <= set(told[0])


def message(answer: httpx.Response) -> bool:
    return list(answer.json()) == ["message"]


def attribute(answer: httpx.Response) -> bool:
    """Judge0's: an error, or what is wrong by attribute."""
    ((name, told),) = answer.json().items()
    return isinstance(told, str) if name == "error" else isinstance(told[0], str)


def status(answer: httpx.Response) -> Told:
    return answer.status_code, "Retry-After" in answer.headers


@dataclass(frozen=True)
class Api:
    """A path, what it is sent, and what it answers.

    Attributes:
        missing: a field without which the request cannot be.
        language: how the request is made to ask for a language that nobody knows; None: it cannot.
        many: where one more is put than a request may have; None: it takes one program.
        refused: whether an answer is a refusal in the API's shape.
        bad: the status of bad input; malformed is what is no JSON at all.
        unavailable: what is read of the answer when the queue stays full, and when we fail.
    """

    body: dict[str, Any]
    missing: str
    language: Callable[[dict[str, Any]], Any] | None
    many: Callable[[dict[str, Any], int], Any] | None
    refused: Callable[[httpx.Response], bool]
    unavailable: Callable[[httpx.Response], Any] = status
    full: Any = (503, True)
    ours: Any = (503, True)
    bad: int = 422
    malformed: int = 422
    query: str = field(default="")


def put(name: str, value: object) -> Callable[[dict[str, Any]], Any]:
    return lambda body: body.__setitem__(name, value)


def repeat(*names: str) -> Callable[[dict[str, Any], int], Any]:
    """Make the lists of these names so long."""

    def change(body: dict[str, Any], number: int) -> None:
        for name in names:
            body[name] = body[name][:1] * number

    return change


def reasons(answer: httpx.Response) -> Any:
    return answer.status_code, [result["reason"] for result in answer.json()["results"]]


SUBMISSION = {"type": "python", "solution": ECHO, "input": "1", "expected_output": "1"}
CONFIG = {"language": "python", "dataset_type": "CommonOJDataset", "provided_data": {"test": [CASE]}}
REWARDED: dict[str, Any] = {"query": [FENCED], "prompts": [""], "labels": [{"inputs": ["1"], "outputs": ["1"]}]}
CALL = {"uid": "u", "language": "PYTHON", "code": ECHO, "testcases": [{"input": "1", "expectedOutput": "1"}]}
QUICK = {"compile_timeout": 0.1, "run_timeout": 0.1}

APIS: dict[str, Api] = {
    "/judge/batch": Api(
        {"type": "batch", "submissions": [SUBMISSION]}, "submissions",
        lambda body: body["submissions"][0].__setitem__("type", "cobol"), repeat("submissions"), detail,
        reasons, (200, ["queue_timeout"]), (200, ["internal_error"]),
    ),
    "/judge/long-batch": Api(
        {"type": "batch", "submissions": [SUBMISSION]}, "submissions",
        lambda body: body["submissions"][0].__setitem__("type", "cobol"), repeat("submissions"), detail,
        reasons, (200, ["queue_timeout"]), (200, ["internal_error"]),
    ),
    "/judge": Api(
        SUBMISSION, "solution", put("type", "cobol"), None, detail,
        lambda answer: (answer.status_code, answer.json()["reason"]), (200, "queue_timeout"), (200, "internal_error"),
    ),
    "/run_code": Api(
        {"language": "python", "code": ECHO, "stdin": "1", **QUICK}, "code", put("language", "cobol"), None, detail,
        lambda a: status(a) if a.status_code != 200 else (200, a.json()["status"]), (504, True), (200, "SandboxError"),
    ),
    "/submit": Api(
        {"completion": FENCED, "config": CONFIG}, "config",
        lambda body: body["config"].__setitem__("language", "cobol"),
        lambda body, n: body["config"]["provided_data"].__setitem__("test", [CASE] * n), detail,
        status, (504, True), (504, True),
    ),
    "/common_evaluate_batch": Api(
        {"completion": FENCED, "config": CONFIG}, "config",
        lambda body: body["config"].__setitem__("language", "cobol"),
        lambda body, n: body["config"]["provided_data"].__setitem__("test", [CASE] * n), detail,
        status, (504, True), (504, True),
    ),
    "/api/v2/execute": Api(
        {"language": "python", "version": "*", "files": [{"content": ECHO}], "stdin": "1"}, "files",
        put("language", "cobol"), None, message, bad=400, malformed=400,
    ),
    "/submissions": Api(
        {"language_id": 71, "source_code": ECHO, "stdin": "1"}, "source_code", put("language_id", 1234), None,
        attribute, lambda a: status(a) if a.status_code != 201 else (201, a.json()["status"]["id"]),
        ours=(201, 13), malformed=400, query="?wait=true",
    ),
    "/submissions/batch": Api(
        {"submissions": [{"language_id": 71, "source_code": ECHO}]}, "submissions", None, repeat("submissions"),
        attribute, lambda a: status(a) if a.status_code != 201 else (201, list(a.json()[0])),
        ours=(201, ["token"]), malformed=400,
    ),
    "/get_reward": Api(
        REWARDED, "query", None, repeat("query", "prompts", "labels"), detail,
    ),
    "/rm": Api({"response": FENCED, "label": REWARDED["labels"][0]}, "label", None, None, detail),
    "/apis/functioncalls": Api(
        CALL, "code", put("language", "COBOL"), repeat("testcases"), detail,
        lambda a: (a.status_code, a.json()["results"][0]["errorType"]), (200, "SystemError"), (200, "SystemError"),
    ),
    "/test_program_stdio": Api(
        {"program": ECHO, "tests": [{"input": "1", "output": "1"}]}, "program", None, repeat("tests"), detail,
    ),
    "/execute_batch": Api(
        {"scripts": ["1"], "languages": ["bash"]}, "scripts", None, repeat("scripts", "languages"), detail,
    ),
}  # fmt: skip


@pytest.fixture(params=APIS)
def path(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def body(path: str) -> dict[str, Any]:
    return copy.deepcopy(APIS[path].body)


def posted(client: TestClient, path: str, body: object) -> httpx.Response:
    answer: httpx.Response = client.post(path + APIS[path].query, json=body)
    return answer


def test_what_is_no_json_is_refused(client: TestClient, path: str) -> None:
    answer = client.post(path, content=b'{"truncated": ', headers={"Content-Type": "application/json"})

    assert (answer.status_code, APIS[path].refused(answer)) == (APIS[path].malformed, True)


def test_a_field_that_is_missing_is_named(client: TestClient, path: str, body: dict[str, Any]) -> None:
    del body[APIS[path].missing]

    answer = posted(client, path, body)

    assert (answer.status_code, APIS[path].refused(answer)) == (APIS[path].bad, True)
    assert APIS[path].missing in answer.text


@pytest.mark.parametrize("path", [path for path, api in APIS.items() if api.language], indirect=True)
def test_a_language_that_nobody_knows_is_refused(client: TestClient, path: str, body: dict[str, Any]) -> None:
    change = APIS[path].language
    assert change is not None
    change(body)

    answer = posted(client, path, body)

    assert (answer.status_code, APIS[path].refused(answer)) == (APIS[path].bad, True)


@pytest.fixture(scope="module")
def narrow() -> Iterator[TestClient]:
    with serving(Settings(workers=1, maximum_submissions=3, maximum_tests=3)) as client:
        yield client


@pytest.mark.parametrize("path", [path for path, api in APIS.items() if api.many], indirect=True)
def test_more_than_a_request_may_have_is_refused(narrow: TestClient, path: str, body: dict[str, Any]) -> None:
    change = APIS[path].many
    assert change is not None
    change(body, 1001 if path.startswith("/submissions") else 4)

    answer = posted(narrow, path, body)

    assert (answer.status_code, APIS[path].refused(answer)) == (APIS[path].bad, True)


def test_our_failure_is_told_in_the_apis_own_words(broken_client: TestClient, path: str, body: dict[str, Any]) -> None:
    assert APIS[path].unavailable(posted(broken_client, path, body)) == APIS[path].ours


class StuckSlot:
    """Is at its first submission until it is closed."""

    languages: Sequence[str] = ("bash", "python")
    isolation = Isolation(tier=Tier.NAMESPACES, layers={})

    def __init__(self) -> None:
        self._closed = threading.Event()

    def judge(self, submission: Submission, job: Job, tests: Sequence[TestCase], *, job_id: str) -> Judgement:
        self._closed.wait()
        return judge_error(submission, len(tests), "closed")

    def close(self) -> None:
        self._closed.set()


@pytest.fixture(scope="module")
def full() -> Iterator[TestClient]:
    """A service whose queue is full, and whose foreign APIs have little patience."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (areal, code_judge, execution_router, piston, rewarding, sandbox_fusion):
            patch.setattr(module, "WAIT_SECONDS", 0.2)
        patch.setattr(code_judge, "LONG_WAIT_SECONDS", 0.2)
        patch.setattr(evaluations, "EVALUATION_SECONDS", 0.2)
        patch.setattr(open_instruct, "LONGEST_WAIT_SECONDS", 0.2)
        slot = StuckSlot()
        with serving(Settings(workers=1, maximum_queued_submissions=1), lambda: slot) as client:
            job = {"problem": {"tests": [{}]}, "submissions": [{"id": "s", "language": "python", "source": ""}]}
            assert client.post("/v1/jobs", json=job).status_code == 202
            yield client
            slot.close()


def test_a_queue_that_stays_full_is_told_in_the_apis_own_words(
    full: TestClient, path: str, body: dict[str, Any]
) -> None:
    assert APIS[path].unavailable(posted(full, path, body)) == APIS[path].full
