"""Who may call."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from sandbox_service.api import create_app
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings, read_settings

KEYED = [
    ("POST", "/v1/judge"),
    ("POST", "/v1/jobs"),
    ("GET", "/v1/jobs/job-0"),
    ("GET", "/v1/jobs/job-0/events"),
    ("DELETE", "/v1/jobs/job-0"),
    ("PUT", "/v1/test-sets"),
    ("GET", "/v1/languages"),
    ("GET", "/v1/isolation"),
    ("GET", "/metrics"),
]


@pytest.fixture
def settings() -> Settings:
    return read_settings({"SANDBOX_API_KEYS": "first-key, schlüssel"})


@pytest.fixture
def client(settings: Settings, queue: Any) -> Iterator[TestClient]:
    with TestClient(create_app(settings, queue, read_runners(settings))) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), KEYED)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic first-key"},
        {"X-API-Key": ""},
        {"X-API-Key": "f"},
    ],
    ids=["none", "wrong", "basic", "empty", "beginning"],
)
def test_a_caller_without_a_key_is_turned_away(
    client: TestClient, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = client.request(method, path, headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["first-key", "schlüssel"])
@pytest.mark.parametrize("name", ["Authorization", "X-API-Key"])
def test_a_caller_with_a_key_is_let_in(client: TestClient, name: str, key: str) -> None:
    value = f"Bearer {key}" if name == "Authorization" else key

    assert client.get("/v1/isolation", headers={name: value.encode()}).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
def test_health_and_description_need_no_key(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_a_body_is_not_read_before_the_key_is_known(client: TestClient) -> None:
    answer = client.post("/v1/judge", content=b"no json", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 401
