"""Work goes to those who can do it."""

from sandbox_service.models import Isolation, Tier
from sandbox_service.queues.contract import WorkerStatus
from sandbox_service.queues.lanes import COMMON, Lanes

EVERYTHING = {"python", "cpp", "c++"}


def worker(lane: str) -> WorkerStatus:
    return WorkerStatus("w", (), Isolation(tier=Tier.LANDLOCK, layers={}), None, lane)


def test_without_any_lane_all_goes_to_the_common_one():
    assert Lanes().lane_for("python") == COMMON


def test_a_language_goes_where_the_least_else_is_judged():
    lanes = Lanes.of({COMMON: EVERYTHING, "native": {"cpp", "c++"}}, [worker(COMMON), worker("native")])

    assert lanes.lane_for("C++") == "native"
    assert lanes.lane_for("python") == COMMON


def test_a_lane_without_a_worker_is_passed_by():
    lanes = Lanes.of({COMMON: EVERYTHING, "native": {"cpp"}}, [worker(COMMON)])

    assert lanes.lane_for("cpp") == COMMON


def test_work_waits_in_its_lane_while_nobody_lives():
    lanes = Lanes.of({"native": {"cpp"}}, [])

    assert lanes.lane_for("cpp") == "native"
