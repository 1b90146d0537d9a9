"""The contract holds on this machine for a user without any right."""

import pytest

from sandbox_service.models import Tier
from tests.hosts.report import CHECKOUT, CONTRACT_SUITE, ENVIRONMENT, INSIDE, run_contract_suite

pytestmark = pytest.mark.timeout(900)


def test_the_contract_holds_for_an_ordinary_user(root: None):
    # The bind mount lets that user read a checkout that lies in someone's closed home directory.
    mounted = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        f'mount --bind "$0" {INSIDE} && cd {INSIDE} && exec "$@"',
        str(CHECKOUT),
    ]
    as_user = ["setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]
    variables = ENVIRONMENT | {"SANDBOX_TEST_TIERS": "namespaces,landlock"}
    environment = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]

    report = run_contract_suite([*mounted, *as_user, *environment, *CONTRACT_SUITE], wall_seconds=600)

    assert report.all_passed, report.output
    assert report.tier == Tier.NAMESPACES
