"""What the door refuses: 4xx, the field's name, nothing queued."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.unit.api.conftest import living

KEPT = "sha256:" + "0" * 64
JSON = {"Content-Type": "application/json"}


def changed(job: Any, path: str, value: Any) -> Any:
    """The job with one thing in it set to another value."""
    copy = json.loads(json.dumps(job))
    place = copy
    *parents, last = (int(part) if part.isdecimal() else part for part in path.split("/"))
    for part in parents:
        place = place.setdefault(part, {}) if isinstance(place, dict) else place[part]
    place[last] = value
    return copy


PROGRAM = {"name": "program", "language": "python", "source": "", "protocol": "kattis"}
INTERACTOR = {"language": "python", "source": "", "protocol": "kattis"}
NO_LIMITS: list[Any] = [-1, 0, "1", True, 1e308, 2**63, 10**400, []]

CALL = {"function": "f", "arguments": [1]}
CALLS = {"tests": [{"call": CALL}]}
BAD: list[tuple[str, Any, str, str]] = [
    # what is changed, to what, the field that is named, what the message says
    ("submissions/1/language", "pyhton", "submissions.1.language", "available: bash, c, cpp"),
    ("submissions/0/language", "../../etc", "submissions.0.language", "available"),
    ("submissions/0/language", "java", "submissions.0.language", "no toolchain at any worker"),
    ("submissions/0/language", "", "submissions.0.language", "at least 1 character"),
    ("submissions/0/options", {"colour": "red"}, "submissions.0.options.colour", "unknown option"),
    ("submissions/1/options", {"standard": "c++17; id"}, "submissions.1.options.standard", "available"),
    ("submissions/0/source", "a\0b", "submissions.0.source", "NUL"),
    ("submissions/0/source", "x" * 1001, "submissions.0.source", "maximum of 1000 bytes"),
    ("submissions/0/source", "é" * 501, "submissions.0.source", "maximum of 1000 bytes"),
    ("submissions/0/files", {"../up": ""}, "submissions.0.files.../up", "not a relative name"),
    ("submissions/0/files", {"/etc/passwd": ""}, "submissions.0.files./etc/passwd", "not a relative name"),
    ("submissions/0/files", {"a\0": ""}, "submissions.0.files.a\0", "NUL"),
    ("submissions/0/files", {"a": "no base64"}, "submissions.0.files.a", "base64"),
    ("submissions/0/files", {f"f{i}": "" for i in range(101)}, "submissions.0.files", "at most 100"),
    ("submissions/0/fetch", ["a/../../b"], "submissions.0.fetch.0", "not a relative name"),
    ("submissions/0/source", 3, "submissions.0.source", ""),
    ("submissions/1/id", "r0", "submissions", "duplicate id 'r0'"),
    ("submissions/1/id", "a\0", "submissions.1.id", "NUL"),
    ("submissions/1/id", "a" * 201, "submissions.1.id", ""),
    ("submissions", [], "submissions", ""),
    ("submissions", {}, "submissions", ""),
    ("problem/tests", [], "problem.tests", ""),
    ("problem/tests", None, "problem", "either 'tests' or 'test_set'"),
    ("problem/tests", [{"stdin": "1"}] * 6, "problem.tests", "maximum of 5 tests"),
    ("problem/tests/0/stdin", "\0", "problem.tests.0.stdin", "NUL"),
    ("problem/tests/0/expected", 4, "problem.tests.0.expected", ""),
    ("problem/tests/0/output", "4", "problem.tests.0.output", ""),
    ("problem/tests/0/assertions", "assert True", "problem.tests.0", "either 'assertions' or 'expected'"),
    ("problem/tests/0/entry_point", "f", "problem.tests.0", "'entry_point' goes with 'assertions'"),
    ("problem/tests/0", {"assertions": ""}, "problem.tests.0.assertions", "at least 1"),
    ("problem/tests/0", {"assertions": "f()", "entry_point": "a b"}, "problem.tests.0.entry_point", "pattern"),
    ("problem/tests/0", {"assertions": "f()", "mode": "fast"}, "problem.tests.0.mode", "'split' or 'same_process'"),
    (
        "problem/tests",
        [{"assertions": "f()"}, {"stdin": "1"}],
        "problem.tests",
        "test 1 is of kind stdin, and test 0 of kind assertions",
    ),
    ("problem/tests", [{"assertions": "f()", "mode": "split"}], "problem.tests.0.mode", "cpp has no 'split'"),
    ("problem/tests/0/weight", -1, "problem.tests.0.weight", ""),
    ("problem/scoring", {"groups": [{"name": "a"}]}, "problem.scoring.groups.0.name", "no test is of the group 'a'"),
    ("problem/scoring", {"groups": [{"name": "a"}, {"name": "a"}]}, "problem.scoring", "duplicate group 'a'"),
    (
        "problem/scoring",
        {"groups": [{"name": "a", "aggregation": "best"}]},
        "problem.scoring.groups.0.aggregation",
        "min",
    ),
    ("problem/test_set", KEPT, "problem", "either 'tests' or 'test_set'"),
    ("problem/checker", "diff", "problem.checker", "available: common_oj, exact, floats"),
    ("problem/checker", {"name": "floats", "abs": 1}, "problem.checker.abs", "absolute"),
    ("problem/checker", {"name": "floats", "absolute": -1}, "problem.checker.absolute", ""),
    ("problem/checker", {"name": "floats", "absolute": "1"}, "problem.checker.absolute", ""),
    ("problem/checker", 7, "problem.checker", ""),
    ("problem/checker", {"name": "program"}, "problem.checker.language", "required"),
    ("problem/checker", PROGRAM | {"language": "pyhton"}, "problem.checker.language", "available: bash, c, cpp"),
    ("problem/checker", PROGRAM | {"language": "java"}, "problem.checker.language", "no toolchain at any worker"),
    ("problem/checker", PROGRAM | {"options": {"a": "b"}}, "problem.checker.options.a", "unknown option"),
    ("problem/checker", PROGRAM | {"protocol": "kattos"}, "problem.checker.protocol", "'testlib', 'kattis' or 'score'"),
    ("problem/checker", PROGRAM | {"source": "x" * 1001}, "problem.checker.source", "maximum of 1000 bytes"),
    ("problem/checker", PROGRAM | {"files": {"judging/x": ""}}, "problem.checker.files", "'judging' is for"),
    ("problem/checker", PROGRAM | {"files": {"../up": ""}}, "problem.checker.files.../up", "not a relative name"),
    ("problem/checker", PROGRAM | {"arguments": ["a\0"]}, "problem.checker.arguments.0", "NUL"),
    ("problem/checker", PROGRAM | {"arguments": [""] * 101}, "problem.checker.arguments", "at most 100"),
    ("problem/checker", PROGRAM | {"limits": {"cpu_seconds": 99}}, "problem.checker.limits.cpu_seconds", "at most 10"),
    ("problem/checker", PROGRAM | {"full_score": 0}, "problem.checker.full_score", "greater than 0"),
    ("problem/checker", PROGRAM | {"points": 1}, "problem.checker.points", ""),
    ("problem/tests/0/checker_arguments", ["a"], "problem.tests.0.checker_arguments", "no checker program"),
    ("problem/interactor", {}, "problem.interactor.language", "required"),
    ("problem/interactor", INTERACTOR | {"language": "pyhton"}, "problem.interactor.language", "available: bash, c"),
    ("problem/interactor", INTERACTOR | {"protocol": "score"}, "problem.interactor.protocol", "'testlib' or 'kattis'"),
    ("problem", {"tests": [{}], "interactor": INTERACTOR, "checker": PROGRAM}, "problem.checker", "interactor decides"),
    ("problem", {"tests": [{}], "interactor": INTERACTOR, "checker": "exact"}, "problem.checker", "interactor decides"),
    ("problem", {"tests": [{}], "passes": 2}, "problem.passes", "'kattis'"),
    ("problem", {"tests": [{}], "passes": 101, "interactor": INTERACTOR}, "problem.passes", "100"),
    ("problem/tests", [{"call": CALL, "stdin": ""}], "problem.tests.0", "either 'call' or 'stdin'"),
    ("problem/tests", [{"call": CALL}, {"stdin": ""}], "problem.tests", "test 1 is of kind stdin"),
    ("problem/tests", [{"call": CALL | {"function": "f(); g"}}], "problem.tests.0.call.function", ""),
    ("problem/tests", [{"call": CALL | {"arguments": {}}}], "problem.tests.0.call.arguments", ""),
    (
        "problem",
        {"tests": [{"call": CALL}], "checker": "tokens"},
        "problem.checker",
        "available: livecodebench, strict",
    ),
    (
        "problem",
        {"tests": [{"call": CALL}], "checker": {"name": "strict", "absolute": -1}},
        "problem.checker.absolute",
        "",
    ),
    ("problem", {"tests": [{"stdin": ""}], "checker": "strict"}, "problem.checker", "available: common_oj, exact"),
    ("problem", {"test_set": KEPT, "checker": "anything"}, "problem.checker", "available: common_oj, exact"),
    ("problem", {"test_set": KEPT, "checker": "strict"}, "problem.checker", "available: common_oj, exact"),
    ("reward", {"name": "weighted", "weights": [1, 2]}, "reward.weights", "each of the 1 tests"),
    ("reward", "subtasks", "reward.subtasks", "in no groups"),
    ("reward", "generous", "reward", "available: all_or_nothing"),
    ("reward", {"name": "fraction_passed", "scale": 2}, "reward.scale", "parameter"),
    ("stop_on_failure", "yes", "stop_on_failure", ""),
    ("returned_output_bytes", -1, "returned_output_bytes", ""),
    ("returned_output_bytes", 2**40, "returned_output_bytes", "maximum"),
    ("surprise", 1, "surprise", ""),
    *(
        (f"problem/limits/{limit}", value, f"problem.limits.{limit}", "")
        for limit in ("cpu_seconds", "wall_seconds", "memory_bytes", "output_bytes", "processes")
        for value in NO_LIMITS
    ),
    ("problem/limits/cpu_seconds", 10.5, "problem.limits.cpu_seconds", "10"),
    ("problem/limits/memory_bytes", 2**30 + 1, "problem.limits.memory_bytes", "1"),
    ("problem/limits/memory_bytes", 1.5, "problem.limits.memory_bytes", ""),
    ("problem/limits/memory_bytes", 4 * 2**20 - 1, "problem.limits.memory_bytes", "4194304"),
]


@pytest.mark.parametrize(
    ("path", "value", "field", "says"), BAD, ids=[f"{path}={str(value)[:20]}" for path, value, *_ in BAD]
)
def test_the_door_names_what_is_wrong(
    client: TestClient, queue: Any, job: Any, path: str, value: Any, field: str, says: str
) -> None:
    answer = client.post("/v1/judge", content=json.dumps(changed(job, path, value)), headers=JSON)

    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field)
    assert says in error["message"]
    assert not queue.jobs


def test_functions_are_called_where_they_can_be(client: TestClient, queue: Any, job: Any) -> None:
    job["problem"] = {"tests": [{"call": CALL, "expected": None}]}
    job["submissions"][1]["language"] = "c"

    answer = client.post("/v1/judge", json=job)

    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, "submissions.1.language")
    assert "cpp, go, java, javascript, python, typescript" in error["message"]
    assert not queue.jobs


@pytest.mark.parametrize("number", ["NaN", "1e400"])
@pytest.mark.parametrize(
    "part", ['{"call": {"function": "f", "arguments": [%s]}}', '{"call": {"function": "f"}, "expected": [%s]}']
)
def test_values_are_finite(client: TestClient, queue: Any, job: Any, number: str, part: str) -> None:
    body = json.dumps(job | {"problem": {"tests": ["HERE"]}}).replace('"HERE"', part % number)

    answer = client.post("/v1/judge", content=body, headers=JSON)

    assert answer.status_code == 422
    assert answer.json()["error"]["field"].startswith("problem.tests.0.")
    assert not queue.jobs


def test_a_list_whose_only_item_is_bad_is_not_called_empty(client: TestClient, job: Any) -> None:
    job["problem"]["tests"] = [{"stdin": 3}]

    answer = client.post("/v1/judge", json=job)

    assert answer.json()["error"]["message"] == "problem.tests.0.stdin: Input should be a valid string"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("problem.limits.cpu_seconds", '"limits": {"cpu_seconds": %s}'),
        ("problem.checker.absolute", '"checker": {"name": "floats", "absolute": %s}'),
    ],
)
def test_numbers_are_finite(client: TestClient, queue: Any, job: Any, number: str, field: str, part: str) -> None:
    text = json.dumps(job).replace('"problem": {', '"problem": {' + part % number + ", ")

    answer = client.post("/v1/judge", content=text, headers=JSON)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert not queue.jobs


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"problem": }',
        b"\xff\xfe",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 10_000,
        b'"' + b"[" * 1000,
    ],
    ids=["empty", "open", "no value", "utf-16", "not utf-8", "lone surrogate", "deep list", "deep object", "open text"],
)
@pytest.mark.parametrize("path", ["/v1/judge", "/v1/jobs"])
def test_what_is_not_json_is_malformed(client: TestClient, queue: Any, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers=JSON)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed_body")
    assert not queue.jobs


@pytest.mark.parametrize("body", [b"[]", b"null", b"1", b'"text"', b"[[]]", b"[1]", b"[null]"])
@pytest.mark.parametrize("path", ["/v1/judge", "/v1/jobs"])
def test_json_that_is_no_job_is_refused(client: TestClient, queue: Any, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers=JSON)

    assert answer.status_code == 422
    assert not queue.jobs


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin-1"],
)
def test_only_json_in_utf8_is_taken(client: TestClient, queue: Any, job: Any, content_type: str) -> None:
    answer = client.post("/v1/judge", content=json.dumps(job), headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json()["error"]["field"]) == (415, "Content-Type")
    assert not queue.jobs


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "application/problem+json", "APPLICATION/JSON"]
)
def test_json_has_several_names(client: TestClient, job: Any, content_type: str) -> None:
    answer = client.post("/v1/judge", content=json.dumps(job), headers={"Content-Type": content_type})

    assert answer.status_code == 200


def test_a_large_body_is_refused_by_its_declared_length(client: TestClient, queue: Any) -> None:
    answer = client.post("/v1/judge", content=b" " * 100_001, headers=JSON)

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert not queue.jobs


def test_a_body_of_no_declared_length_is_refused_when_it_grows_too_large(client: TestClient, queue: Any) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000

    answer = client.post("/v1/judge", content=endless(), headers=JSON)

    assert answer.status_code == 413
    assert not queue.jobs


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_gzip_is_taken(client: TestClient, job: Any, encoding: str) -> None:
    body = gzip.compress(json.dumps(job).encode())

    answer = client.post("/v1/judge", content=body, headers=JSON | {"Content-Encoding": encoding})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (gzip.compress(b" " * 10**8), 413),
        (b"not gzip", 400),
        (gzip.compress(b'{"a": 1}')[:-4], 400),
        (gzip.compress(b"{") + gzip.compress(b"}"), 400),
        (b"", 400),
    ],
    ids=["bomb", "no gzip", "cut", "two members", "empty"],
)
def test_gzip_is_inflated_within_bounds(client: TestClient, queue: Any, body: bytes, status: int) -> None:
    answer = client.post("/v1/judge", content=body, headers=JSON | {"Content-Encoding": "gzip"})

    assert answer.status_code == status
    assert not queue.jobs


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_other_encodings_are_not_taken(client: TestClient, job: Any, encoding: str) -> None:
    answer = client.post("/v1/judge", json=job, headers={"Content-Encoding": encoding})

    assert (answer.status_code, answer.headers["Accept-Encoding"]) == (415, "gzip")


def test_a_test_set_that_is_not_kept_is_named(client: TestClient, queue: Any, job: Any) -> None:
    unknown = job | {"problem": {"test_set": "sha256:" + "1" * 64}}

    answer = client.post("/v1/judge", json=unknown)

    assert (answer.status_code, answer.json()["error"]["field"]) == (404, "problem.test_set")
    assert not queue.jobs


def test_a_test_set_that_is_kept_stands_for_tests(client: TestClient, job: Any) -> None:
    answer = client.post("/v1/judge", json=job | {"problem": {"test_set": KEPT}})

    assert answer.status_code == 200


ASSERTIONS = {"assertions": "f()"}
KINDS: list[tuple[list[Any], dict[str, Any], str, str]] = [
    # the tests of the set, what the request has beside it, the field that is named, what the message says
    ([{"call": CALL}], {"checker": "tokens"}, "problem.checker", "available: livecodebench, strict"),
    ([{"call": CALL}], {"checker": {"name": "strict", "numbers": 1}}, "problem.checker.numbers", "typed"),
    ([{"call": CALL}], {"checker": PROGRAM}, "problem.checker", "does not go with tests that have 'call'"),
    ([{"call": CALL}], {"interactor": INTERACTOR}, "problem.interactor", "tests that have 'stdin', not 'call'"),
    ([{"call": CALL}], {"language": "prolog"}, "submissions.0.language", "cannot be called in prolog"),
    ([ASSERTIONS], {"checker": "tokens"}, "problem.checker", "does not go with tests that have 'assertions'"),
    ([ASSERTIONS], {"interactor": INTERACTOR}, "problem.interactor", "not 'assertions'"),
    ([ASSERTIONS], {"language": "prolog"}, "submissions.0.language", "cannot be run in prolog;"),
    ([ASSERTIONS, ASSERTIONS | {"mode": "split"}], {"language": "cpp"}, "problem.test_set", "which test 1 asks for"),
    ([{}, {"checker_arguments": ["a"]}], {}, "problem.test_set", "test 1 has checker_arguments"),
    ([{}], {"passes": 2, "checker": "exact"}, "problem.passes", "'kattis'"),
    ([{"group": "a"}], {"scoring": {}}, "problem.test_set", "no group 'a', of which test 0 is"),
    ([{}], {"scoring": {"groups": [{"name": "a"}]}}, "problem.scoring.groups.0.name", "no test is of the group 'a'"),
    ([{"weight": 0}], {"reward": "weighted"}, "reward.weights", "every test of the problem has the weight 0"),
    ([{}], {"reward": "subtasks"}, "reward.subtasks", "in no groups"),
]


@pytest.mark.parametrize(("tests", "beside", "field", "says"), KINDS)
@pytest.mark.parametrize("route", ["/v1/judge", "/v1/jobs", "/v1/rewards"])
def test_what_does_not_go_with_an_uploaded_test_set_is_refused_as_with_tests_that_come_along(
    client: TestClient, queue: Any, route: str, tests: list[Any], beside: dict[str, Any], field: str, says: str
) -> None:
    queue.alive = [living(languages=("cpp", "prolog", "python"))]
    digest = client.put("/v1/test-sets", json={"tests": tests}).json()["digest"]
    beside = dict(beside)
    language, reward = beside.pop("language", "python"), beside.pop("reward", "all_or_nothing")
    body: dict[str, Any] = {"problem": {"test_set": digest, **beside}, "reward": reward}
    if route == "/v1/rewards":
        body |= {"language": language, "items": [{"id": "r0", "completion": "1"}]}
        field = field.replace("submissions.0.language", "language")
    else:
        body["submissions"] = [{"id": "r0", "language": language, "source": ""}]

    answer = client.post(route, json=body)

    error = answer.json()["error"]
    assert (answer.status_code, error["field"]) == (422, field), error
    assert says in error["message"]
    assert not queue.jobs


@pytest.mark.parametrize("name", ["py", "PYTHON", "Python3"])
def test_a_language_may_be_called_by_its_aliases(client: TestClient, job: Any, name: str) -> None:
    answer = client.post("/v1/judge", json=changed(job, "submissions/0/language", name))

    assert answer.status_code == 200


def test_every_language_is_let_in_while_no_worker_lives(client: TestClient, queue: Any, job: Any) -> None:
    queue.alive = []

    answer = client.post("/v1/jobs", json=changed(job, "submissions/0/language", "java"))

    assert answer.status_code == 202
