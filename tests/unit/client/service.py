"""A service that answers as the real one does, and fails as it is told."""

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from sandbox_service.client.transport import Patience
from sandbox_service.models import TestSet

URL = "http://judge:8000"
SHORT = Patience(deadline_seconds=1.5, away_seconds=0.4, answer_seconds=5)

Step = Callable[[httpx.Request], httpx.Response | None]


class FakeService:
    """Every completion that says "right" is accepted; ``script`` has what happens instead, one step a request."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.requests: list[httpx.Request] = []
        self.test_sets: dict[str, int] = {}
        self.uploads: Counter[str] = Counter()
        self.fails_ours: Counter[str] = Counter()

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    def bodies(self, path: str) -> list[dict[str, Any]]:
        return [json.loads(request.content) for request in self.requests if request.url.path == path]

    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.requests if request.method == "POST"]

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.script and request.method == "POST":
            answer = self.script.pop(0)(request)
            if answer is not None:
                return answer
        return self.routes(request)

    def routes(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        match request.url.path:
            case "/v1/test-sets":
                test_set = TestSet.model_validate(body)
                self.uploads[f"{request.url.host}"] += 1
                self.test_sets[test_set.digest()] = len(test_set.tests)
                return httpx.Response(200, json={"digest": test_set.digest(), "tests": len(test_set.tests), "new": 1})
            case "/v1/rewards":
                return self._rewards(body)
            case "/v1/judge":
                judgements = [self._judgement(submission) for submission in body["submissions"]]
                return httpx.Response(200, json={"judgements": judgements})
            case "/v1/matrix":
                return self._matrix(body)
        return refusal(404, "not_found", "no such route")

    def _rewards(self, body: dict[str, Any]) -> httpx.Response:
        for item in body["items"]:
            problem = item.get("problem") or body["problem"]
            if problem.get("test_set") and problem["test_set"] not in self.test_sets:
                return refusal(404, "unknown_test_set", "no such test set", "problem.test_set")
        return httpx.Response(200, json={"rewards": [self._reward(item) for item in body["items"]]})

    def _matrix(self, body: dict[str, Any]) -> httpx.Response:
        """Every solution prints its source, and cannot run on the input "bad"."""
        outputs: dict[str, str] = {}
        rows = []
        for solution in body["solutions"]:
            digest = "sha256:" + hashlib.sha256(solution["source"].encode()).hexdigest()
            outputs[digest] = solution["source"]
            cells = [
                {
                    "verdict": "runtime_error" if text == "bad" else "accepted", "output": digest,
                    "truncated": text == "long", "cpu_seconds": 0.1,
                }
                for text in body["inputs"]
            ]  # fmt: skip
            rows.append({"id": solution["id"], "verdict": "accepted", "reason": None, "cells": cells})
        return httpx.Response(200, json={"outputs": outputs, "rows": rows})

    def _reward(self, item: dict[str, Any]) -> dict[str, Any]:
        verdict = self._verdict(item["id"], item["completion"])
        ours = verdict == "judge_error"
        return {
            "id": item["id"], "reward": None if ours else float(verdict == "accepted"), "verdict": verdict,
            "reason": None if verdict == "accepted" else verdict, "passed": 0, "total": 1, "verdicts": [],
            "code": item["completion"], "detail": None, "a field of tomorrow": 1,
        }  # fmt: skip

    def _judgement(self, submission: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": submission["id"], "verdict": self._verdict(submission["id"], submission["source"]), "reward": None,
            "score": 1.0, "passed": 1, "total": 1, "compilation": None, "results": [], "isolation": "namespaces",
        }  # fmt: skip

    def _verdict(self, identity: str, text: str) -> str:
        if self.fails_ours[identity]:
            self.fails_ours[identity] -= 1
            return "judge_error"
        return "accepted" if "right" in text else "wrong_answer"


def refusal(status: int, code: str, message: str, field: str | None = None, **headers: str) -> httpx.Response:
    body = {"error": {"code": code, "message": message, "field": field}}
    return httpx.Response(status, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)


def broken_off(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadError("connection reset", request=request)


def silent(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("", request=request)


def full(request: httpx.Request) -> httpx.Response:
    return refusal(429, "queue_full", "100 submissions are queued", Retry_After="1")


def failing(request: httpx.Request) -> httpx.Response:
    return refusal(500, "internal_error", "the service failed")


def from_now(seconds: float) -> float:
    return time.monotonic() + seconds
