"""The OpenAPI description: bodies that the routes parse themselves, failures, examples."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sandbox_service import checkers
from sandbox_service.api.events import JSON_LINES, SERVER_SENT_EVENTS
from sandbox_service.api.failures import FailureBody
from sandbox_service.models import GenerateRequest, Job, MatrixRequest, RewardRequest, TestSet

DESCRIPTION = """\
Takes programs and tests, runs them in boxes that hold, and answers verdicts and rewards.

A program's failure is a verdict; a failure of this service is `judge_error`, whose reward is null.
Every answer with a status of 400 and above has the shape `{"error": {"code", "message", "field"}}`.
"""

PROGRAM = "print(int(input()) ** 2)\n"
GENERATOR = "import random, sys\nrandom.seed(sys.argv[2])\nopen('1.in', 'w').write(f'{random.randrange(100)}\\n')\n"
TESTS = [{"stdin": "2\n", "expected": "4\n"}, {"stdin": "3\n", "expected": "9\n"}]
SUBMISSIONS = [{"id": "r0", "language": "python", "source": PROGRAM}]

SMALL: dict[str, Any] = {"problem": {"tests": TESTS}, "submissions": SUBMISSIONS}
FULL: dict[str, Any] = {
    "problem": {
        "tests": TESTS,
        "limits": {"cpu_seconds": 2, "memory_bytes": 256 * 2**20},
        "checker": {"name": "floats", "absolute": 1e-6, "relative": 1e-6},
    },
    "submissions": [*SUBMISSIONS, {"id": "r1", "language": "python", "source": "print(4)\n"}],
    "stop_on_failure": True,
    "reward": "fraction_passed",
}

CALLS: dict[str, Any] = {
    "problem": {
        "tests": [{"call": {"function": "twoSum", "arguments": [[2, 7, 11, 15], 9]}, "expected": [0, 1]}],
        "checker": {"name": "strict", "sequences": "equal"},
    },
    "submissions": [
        {"id": "r0", "language": "python", "source": "class Solution:\n    def twoSum(self, nums, target): ...\n"}
    ],
}

REF = "#/components/schemas/{model}"
_JOB = {"$ref": REF.format(model="Job")}

REWARDS_SMALL: dict[str, Any] = {
    "problem": {"tests": TESTS},
    "language": "python",
    "items": [{"id": "r0", "completion": f"Squares:\n```python\n{PROGRAM}```\n"}],
}
REWARDS_FULL: dict[str, Any] = REWARDS_SMALL | {
    "extract": "last_fence",
    "tests": {"sample": 10, "seed": "step 7"},
    "reward": {"name": "xcoder"},
}

_FAILURE_EXAMPLES: Mapping[int, tuple[str, str, str | None]] = {
    400: ("malformed_body", "Invalid JSON: EOF while parsing an object at line 1 column 1", None),
    401: ("unauthorized", "send an API key as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'", "Authorization"),
    404: ("unknown_job", "no job 0f3c… is known", None),
    408: ("body_too_slow", "nothing came of the body for 30 s", None),
    409: ("idempotency_conflict", "the idempotency key was used before with another body", "Idempotency-Key"),
    413: ("body_too_large", "the body is larger than the 67108864 bytes that are allowed", None),
    415: ("unsupported_body", "the Content-Type must be application/json, not 'text/plain'", "Content-Type"),
    422: ("unknown_name", "unknown language 'pyhton'; available: c, cpp, java, python", "submissions.0.language"),
    429: ("queue_full", "100000 submissions are queued; try again in 4 s", None),
    503: ("unavailable", "Redis does not answer", None),
}

_RETRY_AFTER = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer", "minimum": 1}}}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route that may fail in these ways."""
    return {status: _failure(status) for status in statuses}


def _failure(status: int) -> dict[str, Any]:
    code, message, field = _FAILURE_EXAMPLES[status]
    example = {"error": {"code": code, "message": message, "field": field}}
    answer: dict[str, Any] = {
        "model": FailureBody,
        "description": HTTPStatus(status).phrase,
        "content": {"application/json": {"example": example}},
    }
    return answer | {"headers": _RETRY_AFTER} if status in (429, 503) else answer


def _json_body(schema: Mapping[str, Any], examples: Mapping[str, Any]) -> dict[str, Any]:
    named = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "examples": named}}}}


JOB_BODY = _json_body(_JOB, {"small": SMALL, "full": FULL, "a function's call": CALLS})
JOB_OR_JOBS_BODY = _json_body(
    {"anyOf": [_JOB, {"type": "array", "minItems": 1, "items": _JOB}]},
    {"one": SMALL, "list": [SMALL, FULL]},
)
TEST_SET_BODY = _json_body({"$ref": REF.format(model="TestSet")}, {"two tests": {"tests": TESTS}})
REWARDS_BODY = _json_body({"$ref": REF.format(model="RewardRequest")}, {"small": REWARDS_SMALL, "full": REWARDS_FULL})
GENERATE_BODY = _json_body(
    {"$ref": REF.format(model="GenerateRequest")},
    {"two seeds": {"language": "python", "source": GENERATOR, "seeds": [1, 2], "keep": True}},
)
MATRIX_BODY = _json_body(
    {"$ref": REF.format(model="MatrixRequest")},
    {"one by two": {"solutions": SUBMISSIONS, "inputs": ["2\n", "3\n"]}},
)


def _events(name: str) -> dict[str, Any]:
    return {
        "description": f"each {name} as it is ready, then the end",
        "content": {
            SERVER_SENT_EVENTS: {
                "schema": {"type": "string"},
                "example": f'event: {name}\ndata: {{"id":"r0","verdict":"accepted",…}}\n\n'
                'event: end\ndata: {"state":"finished","total":1,"done":1}\n\n',
            },
            JSON_LINES: {
                "schema": {"type": "string"},
                "example": f'{{"{name}":{{"id":"r0","verdict":"accepted",…}}}}\n'
                '{"end":{"state":"finished","total":1,"done":1}}\n',
            },
        },
    }


EVENTS = _events("judgement")
REWARD_EVENTS = _events("reward")


BODIES: tuple[type[BaseModel], ...] = (GenerateRequest, Job, MatrixRequest, RewardRequest, TestSet)


def install(app: FastAPI) -> None:
    """Let the app describe itself with the models of the bodies that its routes parse themselves."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # the way FastAPI documents for this


def _describe(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    sent: list[tuple[type[BaseModel], Literal["validation"]]] = [(body, "validation") for body in BODIES]
    _, bodies = models_json_schema(sent, ref_template=REF)
    schemas: dict[str, Any] = description.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in bodies["$defs"].items():
        schemas.setdefault(name, schema)
    told = "\n".join(f"- `{name}`: {words}" for name, words in checkers.describe().items())
    schemas["Problem"]["properties"]["checker"]["description"] = f"what makes an output right:\n{told}"
    return description
