"""The box that the runners' tests run in."""

import pytest

from sandbox_service.sandboxes.contract import Box
from sandbox_service.sandboxes.unsafe import UnsafeBox


@pytest.fixture(scope="session")
def box() -> Box:
    """The one place that says which box the tests of this folder use."""
    return UnsafeBox()
