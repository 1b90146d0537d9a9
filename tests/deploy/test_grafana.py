"""What Grafana is given fits together: its provisioning, the compose file that mounts it, and the dashboard."""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
GIVEN = ROOT / "deploy" / "observability" / "grafana"
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DASHBOARDS = sorted((GIVEN / "dashboards").glob("*.json"))
COLUMNS = 24

# The keys that Grafana knows; others it passes over without a word.
OF_A_DATASOURCE = {
    "name", "type", "access", "orgId", "uid", "url", "user", "database", "basicAuth", "basicAuthUser",
    "withCredentials", "isDefault", "jsonData", "secureJsonData", "version", "editable",
}  # fmt: skip
OF_A_PROVIDER = {
    "name", "orgId", "folder", "folderUid", "type", "disableDeletion", "updateIntervalSeconds", "allowUiUpdates",
    "options",
}  # fmt: skip


def provisioned(what: str) -> list[dict[str, Any]]:
    (file,) = (GIVEN / "provisioning" / what).glob("*.yml")
    content = yaml.safe_load(file.read_text())
    assert content["apiVersion"] == 1
    listed: list[dict[str, Any]] = content["providers" if what == "dashboards" else what]
    return listed


def panels(dashboard: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(dashboard.read_text())["panels"]
    return listed


def mounts_of_grafana() -> dict[str, str]:
    """The place in the container of each folder of ours."""
    pairs = [volume.split(":") for volume in COMPOSE["grafana"]["volumes"]]
    return {source: target for source, target, *_ in pairs if source.startswith("./")}


def test_grafana_knows_every_key_that_it_is_given():
    assert [key for source in provisioned("datasources") for key in source if key not in OF_A_DATASOURCE] == []
    assert [key for provider in provisioned("dashboards") for key in provider if key not in OF_A_PROVIDER] == []


def test_its_source_is_the_prometheus_of_the_stack():
    (source,) = provisioned("datasources")
    host, port = source["url"].removeprefix("http://").split(":")

    assert source["type"] == "prometheus"
    assert source["isDefault"]
    assert COMPOSE[host]["ports"][0].endswith(f":{port}")
    assert set(COMPOSE[host]["networks"]) & set(COMPOSE["grafana"]["networks"])


def test_it_finds_the_provisioning_and_the_dashboards_where_compose_mounts_them():
    (provider,) = provisioned("dashboards")
    mounts = mounts_of_grafana()

    assert mounts["./deploy/observability/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert mounts["./deploy/observability/grafana/dashboards"] == provider["options"]["path"]
    assert all((ROOT / folder).is_dir() for folder in mounts)


def test_every_panel_asks_the_source_that_the_dashboard_chooses():
    for dashboard in DASHBOARDS:
        (variable,) = json.loads(dashboard.read_text())["templating"]["list"]
        assert (variable["type"], variable["query"]) == ("datasource", "prometheus")
        for panel in panels(dashboard):
            for target in panel.get("targets", []):
                assert target["datasource"]["uid"] == f"${{{variable['name']}}}"
            letters = [target["refId"] for target in panel.get("targets", [])]
            assert len(letters) == len(set(letters))


def test_no_panel_lies_upon_another():
    for dashboard in DASHBOARDS:
        placed = [panel["gridPos"] for panel in panels(dashboard)]
        numbers = [panel["id"] for panel in panels(dashboard)]

        assert len(numbers) == len(set(numbers))
        assert all(place["x"] + place["w"] <= COLUMNS for place in placed)
        assert not [pair for pair in combinations(placed, 2) if overlap(*pair)]


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in (("x", "w"), ("y", "h"))
    )
