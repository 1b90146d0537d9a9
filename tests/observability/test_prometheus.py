"""The shipped dashboard and alerts, asked of a real Prometheus that scrapes a real service."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.service import ROOT, job, running
from tests.observability.prometheus import DASHBOARD, SHIPPED, Prometheus, panels, promtool, scraping

OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
PROGRAMS = ("print(int(input()) ** 2)", "print(4)", "print(", "raise SystemExit(1)")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """It has scraped a service that judged programs of every kind, twice and more."""
    with (
        running(tmp_path_factory.mktemp("service")) as service,
        scraping(service.port, tmp_path_factory.mktemp("prometheus")) as prometheus,
    ):
        for _ in range(2):
            service.client.post("/v1/judge", json=job(*PROGRAMS)).raise_for_status()
            prometheus.wait_for('count_over_time(sandbox_tests_total{verdict="accepted"}[1m]) > 2')
        prometheus.wait_for("rate(sandbox_test_memory_bytes_bucket[1m]) > 0")
        yield prometheus


def test_every_expression_of_the_dashboard_has_data(prometheus: Prometheus):
    expressions = {target["expr"]: panel["title"] for panel in panels() for target in panel["targets"]}

    empty = {
        expression: title
        for expression, title in expressions.items()
        if not prometheus.ask(expression.replace("$__rate_interval", "1m"))
    }

    assert len(expressions) > 20
    assert empty == {}


def test_every_alert_is_loaded_and_none_fires_on_a_service_that_is_well(prometheus: Prometheus):
    rules = prometheus.rules()

    prometheus.wait_for("sandbox_workers")
    for rule in rules:
        prometheus.ask(rule["query"])
    assert {rule["health"] for rule in prometheus.rules()} <= {"ok", "unknown"}
    assert len(rules) == 11
    assert [rule["name"] for rule in rules if rule["alerts"]] == []


def test_what_was_judged_is_counted_once(prometheus: Prometheus):
    (counted,) = prometheus.ask('sandbox_submissions_total{language="python", verdict="compile_error"}')
    (forks,) = prometheus.ask("sandbox_zygote_forks_total > 0")
    (slots,) = prometheus.ask("sum(sandbox_slots)")

    assert counted["value"][1] == "2"
    assert int(forks["value"][1]) >= 12  # two tests of three programs, twice
    assert slots["value"][1] == "1"


def test_promtool_is_content():
    promtool("check", "rules", "alerts.yml")
    promtool("check", "config", "prometheus.yml")


def test_each_alert_fires_on_what_it_is_for(tmp_path: Path):
    shutil.copy(SHIPPED / "alerts.yml", tmp_path)
    shutil.copy(Path(__file__).parent / "alerts.test.yml", tmp_path)

    promtool("test", "rules", "alerts.test.yml", directory=tmp_path)


def test_every_alert_has_a_page_to_read(prometheus: Prometheus):
    rules = prometheus.rules()

    headings = re.findall(r"^### (Sandbox\w+)$", OPERATIONS, re.MULTILINE)

    assert headings == [rule["name"] for rule in rules]
    assert all(rule["annotations"]["runbook"] == f"docs/operations.md#{rule['name'].lower()}" for rule in rules)


def test_every_metric_that_is_asked_for_is_explained():
    asked = set(re.findall(r"sandbox_\w+", DASHBOARD.read_text() + (SHIPPED / "alerts.yml").read_text()))

    explained = set(re.findall(r"`(sandbox_\w+)", OPERATIONS))

    assert {re.sub("_bucket$", "", name) for name in asked} <= explained
