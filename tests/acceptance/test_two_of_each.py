"""Two replicas of every service under 200 deployments at once: the same invariants."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from .conftest import Start
from .invariants import check_all, deployments_of
from .system import System, eventually

DEPLOYMENTS = 200
ENDED = {"success", "rejected"}


@pytest.fixture(scope="module")
def system(start: Start) -> System:
    return start(replicas=2)


def test_two_hundred_at_once(system: System) -> None:
    environments = ["production", "staging"] * (DEPLOYMENTS // 2)
    with ThreadPoolExecutor(32) as people:
        answers = list(
            people.map(lambda env: system.deploy(env, wait_s=0), environments)
        )
    assert {a.status_code for a in answers} <= {201, 202, 422}
    assert len({a.json()["number"] for a in answers}) == DEPLOYMENTS
    all_ = eventually(
        lambda: deployments_of(system),
        lambda shown: {each["phase"] for each in shown} <= ENDED,
        300,
    )
    assert len(all_) == DEPLOYMENTS
    outcomes = Counter((d["env"], d["phase"]) for d in all_)
    assert outcomes["staging", "success"] == DEPLOYMENTS // 2
    assert outcomes["production", "success"] >= 1
    rejected = [d for d in all_ if d["phase"] == "rejected"]
    assert {d["code"] for d in rejected} <= {"deployment_serialization"}
    assert {d["env"] for d in rejected} <= {"production"}
    assert len(system.at_github()) == outcomes.total() - len(rejected)
    check_all(system)
