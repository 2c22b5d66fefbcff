"""What GitHub does on a bad day: one GitHub deployment, and the right final state."""

from collections.abc import Iterator
from typing import Any

import pytest

from .invariants import check_all
from .system import System

#: Names and what the sandbox is told.
BAD_DAYS: dict[str, dict[str, Any]] = {
    "502 after success": {"create_deployment": {"bad_gateway_after_success": 1}},
    "empty 201": {"create_deployment": {"empty_after_success": 1}},
    "secondary limit": {"create_deployment": {"secondary_limit": 1}},
    "webhook before the answer": {"create_deployment": {"webhook_before_answer": True}},
    "webhooks doubled": {"webhooks": {"duplicate": 1.0}},
    "webhooks reversed": {"webhooks": {"shuffle": True, "delay_s": 0.3}},
    "answers late": {"answers": {"delay_s": 0.2}},
}


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(system: System) -> Iterator[None]:
    yield
    system.no_faults()
    check_all(system)


@pytest.mark.parametrize("faults", BAD_DAYS.values(), ids=BAD_DAYS)
def test_bad_day(system: System, faults: dict[str, Any]) -> None:
    number = system.last_number() + 1
    system.faults(**faults)
    system.deploy()
    deployment = system.ends(number, "success")
    assert len(system.ours_at_github(deployment["uuid"])) == 1
    ids = [s["github_status_id"] for s in system.statuses(number)]
    assert len(ids) == len(set(ids)), "a status was shown twice"


def test_a_failed_deployment_is_shown_as_failed_with_its_log(system: System) -> None:
    """And the next one is not refused because of it."""
    answer = system.deploy(env="broken")
    deployment = system.ends(answer.json()["number"], "failure")
    assert deployment["status"] == "failure"
    assert deployment["log_url"].startswith("http")
    again = system.deploy(env="broken")
    assert again.status_code == 201
    system.ends(again.json()["number"], "failure")
