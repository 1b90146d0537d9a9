"""In CI nothing is skipped unseen: a skip is a failure unless its reason is on the short list."""

import os
from collections.abc import Generator

import pytest

# Only what the one machine of a CI run cannot be as well: a run as root has no test for another user, and so on.
SKIPS_ALLOWED_IN_CI = ("needs an ordinary user", "needs cgroup v2", "needs a /proc of its own")


def _in_ci() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true"}


def _forbid_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if not any(allowed in reason for allowed in SKIPS_ALLOWED_IN_CI):
        report.outcome = "failed"
        report.longrepr = f"skipped, and CI=true allows that only for {SKIPS_ALLOWED_IN_CI}: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if _in_ci():
        _forbid_skip(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Other hosts first: there a test takes minutes and mostly waits, and the rest is shared out beside it."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/hosts/"))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if _in_ci():
        _forbid_skip(report)
    return report
