"""Which foreign APIs are served, and to whom."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from sandbox_service.compat import FOREIGN_APIS, foreign_apis
from sandbox_service.errors import ConfigurationError
from sandbox_service.settings import Settings, read_settings
from tests.compat.conftest import serving

ROUTES = [
    (method, route.path)
    for api in FOREIGN_APIS.values()
    for route in api.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]


def test_all_are_served_unless_some_are_named() -> None:
    assert len(foreign_apis(Settings())) == len(FOREIGN_APIS)
    assert foreign_apis(read_settings({"SANDBOX_FOREIGN_APIS": "code-judge"})) == [FOREIGN_APIS["code-judge"]]
    assert foreign_apis(read_settings({"SANDBOX_FOREIGN_APIS": "none"})) == []


@pytest.mark.parametrize("value", ["code-jugde", "none,code-judge"])
def test_one_that_does_not_exist_is_an_error_at_start(value: str) -> None:
    with pytest.raises(ConfigurationError, match="available: areal, code-judge"):
        foreign_apis(read_settings({"SANDBOX_FOREIGN_APIS": value}))


def test_no_two_apis_want_the_same_path() -> None:
    assert len(ROUTES) == len(set(ROUTES))


@pytest.fixture(scope="module")
def keyed() -> Iterator[TestClient]:
    # Without the console, whose page is there for everybody.
    settings = {"SANDBOX_API_KEYS": "a-key", "SANDBOX_WORKERS": "1", "SANDBOX_CONSOLE": "false"}
    with serving(read_settings(settings)) as client:
        yield client


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_caller_without_a_key_is_turned_away(keyed: TestClient, method: str, path: str) -> None:
    answer = keyed.request(method, path, json={})

    assert answer.status_code == 401
    assert "send an API key" in answer.text


def test_a_caller_with_a_key_is_let_in(keyed: TestClient) -> None:
    assert keyed.get("/ping", headers={"Authorization": "Bearer a-key"}).json() == "pong"
