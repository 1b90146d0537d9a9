"""The manifests are what Kubernetes takes, and give nobody more than it needs."""

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from redis import Redis

from sandbox_service.queues.chunks import rq_queue
from sandbox_service.queues.consumer import LEAVE_SECONDS, STOP_SECONDS
from sandbox_service.queues.lanes import queue_name
from sandbox_service.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
OVERLAYS = sorted(path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.glob("overlays/*/kustomization.yaml"))
EVERY = ["base", *OVERLAYS]
VERSIONS = ("1.25", "1.30", "1.37")
FOREIGN = "keda.sh/v1alpha1"  # a kind of KEDA's own, which Kubernetes has no schema of

Manifest = dict[str, Any]


@cache
def rendered(overlay: str) -> list[Manifest]:
    """What ``kubectl apply -k`` would apply."""
    kubectl = shutil.which("kubectl") or pytest.skip("needs kubectl")
    done = subprocess.run([kubectl, "kustomize", str(FOLDER / overlay)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def of_kind(overlay: str, kind: str) -> list[Manifest]:
    return [manifest for manifest in rendered(overlay) if manifest["kind"] == kind]


def pods(overlay: str) -> list[Manifest]:
    """The pods' specs, of whatever makes them."""
    makers = [*of_kind(overlay, "Deployment"), *of_kind(overlay, "StatefulSet")]
    return [maker["spec"]["template"]["spec"] for maker in makers]


def runners(overlay: str) -> dict[str, Manifest]:
    """The pods' specs of the runners, by their lanes."""
    labelled = [(each["metadata"].get("labels", {}), each) for each in of_kind(overlay, "Deployment")]
    return {labels["sandbox/lane"]: each["spec"]["template"]["spec"] for labels, each in labelled if labels}


def environment(container: Manifest) -> dict[str, str]:
    return {each["name"]: each.get("value") or "from elsewhere" for each in container["env"]}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("overlay", EVERY)
def test_every_manifest_is_valid(overlay: str, version: str):
    for manifest in rendered(overlay):
        if manifest["apiVersion"] != FOREIGN:
            kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("overlay", EVERY)
def test_every_pod_keeps_to_the_restricted_standard(overlay: str):
    for pod in pods(overlay):
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["securityContext"]["seccompProfile"]["type"] in ("RuntimeDefault", "Localhost")
        assert not pod["automountServiceAccountToken"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod)
        for volume in pod.get("volumes", []):
            assert set(volume) == {"name", "emptyDir"}
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"]
            assert not context["allowPrivilegeEscalation"]
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["requests"]["memory"]
            assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("overlay", [overlay for overlay in EVERY if "external-redis" not in overlay])
def test_runners_reach_redis_and_nothing_else(overlay: str):
    policies = {each["metadata"]["name"]: each["spec"] for each in of_kind(overlay, "NetworkPolicy")}

    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert policies["runner"]["podSelector"] == {"matchLabels": {"sandbox/part": "runner"}}
    assert policies["runner"]["egress"] == [
        {"to": [{"podSelector": {"matchLabels": {"sandbox/part": "redis"}}}], "ports": [{"port": 6379}]}
    ]
    assert "ingress" not in policies["runner"]


@pytest.mark.parametrize("overlay", EVERY)
def test_the_service_takes_the_settings_that_its_pods_get(overlay: str):
    for pod in pods(overlay):
        for container in pod["containers"]:
            given = {name: value for name, value in environment(container).items() if name.startswith("SANDBOX_")}
            if "SANDBOX_REDIS_URL" in given:
                given["SANDBOX_REDIS_URL"] = "redis://:secret@10.0.0.1:6379/0"

            assert isinstance(read_settings(given), Settings)


@pytest.mark.parametrize("overlay", EVERY)
def test_no_service_is_told_to_pods_as_a_setting(overlay: str):
    for service in of_kind(overlay, "Service"):
        assert not service["metadata"]["name"].startswith("sandbox-")


def test_a_runner_has_the_image_of_its_lane():
    for lane, pod in runners("base").items():
        (container,) = pod["containers"]
        dockerfile = (ROOT / "runners" / lane / "Dockerfile").read_text()

        assert container["image"] == f"sandbox-runner-{lane}"
        assert re.search(r"SANDBOX_LANE=(\S+)", dockerfile)[1] == lane  # type: ignore[index]


def test_runners_are_scaled_by_the_queue_of_their_lane():
    scaled = {
        each["spec"]["scaleTargetRef"]["name"].removeprefix("runner-"): each["spec"]["triggers"]
        for each in of_kind("overlays/keda", "ScaledObject")
    }

    assert scaled.keys() == runners("base").keys()
    for lane, (trigger,) in scaled.items():
        name = queue_name(Settings().queue, lane)
        assert trigger["metadata"]["listName"] == rq_queue(Redis(), name).key


def test_the_namespaces_overlay_asks_for_the_tier_and_the_profile():
    for pod in runners("overlays/namespaces").values():
        profile = {"type": "Localhost", "localhostProfile": "sandbox/namespaces.json"}

        assert pod["securityContext"]["seccompProfile"] == profile
        assert environment(pod["containers"][0])["SANDBOX_MINIMUM_ISOLATION"] == "namespaces"


def test_a_worker_has_the_time_to_give_its_work_back():
    for pod in runners("base").values():
        assert pod["terminationGracePeriodSeconds"] > STOP_SECONDS + LEAVE_SECONDS
