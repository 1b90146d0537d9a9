"""Without a Docker nothing is isolated by it, and that is said."""

import pytest

from sandbox_service.equipment import boxes_of
from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Tier
from sandbox_service.sandboxes import open_box
from sandbox_service.settings import Settings


def test_no_daemon_is_one_line_that_names_the_mend(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")

    with pytest.raises(SandboxUnavailable) as refused:
        boxes_of(Settings(isolation=Tier.DOCKER)).of(None)

    assert str(refused.value) == (
        "docker: no Docker daemon answers at unix:///nowhere/docker.sock; "
        "start it, let this user reach it, or set DOCKER_HOST"
    )


def test_a_machine_of_its_own_is_no_docker():
    with pytest.raises(SandboxUnavailable, match="pool of containers"):
        open_box(Tier.DOCKER)
