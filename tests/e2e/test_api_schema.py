"""Whatever is sent, the API answers as its description says, and never with a fault of its own."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS

from sandbox_service.api import create_app
from sandbox_service.queues.contract import Queue
from sandbox_service.runners import read_runners
from sandbox_service.settings import Settings
from tests.e2e.service import Running, running

# A request that fits the schema may still name a language or a job that does not exist.
NOT_PROMISED = ["positive_data_acceptance"]

FEW = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
NO_QUEUE = cast(Queue, None)  # the description needs none

KEY = "a-key"

app = create_app(Settings(), NO_QUEUE, read_runners(Settings()))
schema = schemathesis.openapi.from_dict(app.openapi())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    directory = tmp_path_factory.mktemp("service")
    with running(
        directory, SANDBOX_MAXIMUM_CPU_SECONDS="1", SANDBOX_MAXIMUM_WALL_SECONDS="2", SANDBOX_API_KEYS=KEY
    ) as service:
        yield service


@schema.parametrize()
@FEW
def test_every_answer_is_as_described(case: Any, service: Running) -> None:
    case.call_and_validate(
        base_url=f"http://127.0.0.1:{service.port}",
        headers={"Authorization": f"Bearer {KEY}"},
        excluded_checks=CHECKS.get_by_names(NOT_PROMISED),
        timeout=30,
    )
