"""Webhooks that never come: GitHub is asked before anything is given up."""

import pytest

from .conftest import Start
from .invariants import check_all
from .system import System


@pytest.fixture(scope="module")
def system(start: Start) -> System:
    impatient = {
        "GITPLOY_TOOLING_TIMEOUT_S": "5",
        "GITPLOY_SILENCE_TIMEOUT_S": "5",
        "GITPLOY_CANCEL_GRACE_S": "5",
    }
    return start(settings=impatient)


def test_statuses_whose_webhooks_were_lost_are_asked_for(system: System) -> None:
    system.deliver_to_gitploy(active=False)
    answer = system.deploy()
    deployment = system.ends(answer.json()["number"], "success")
    assert len(system.ours_at_github(deployment["uuid"])) == 1
    system.deliver_to_gitploy(active=True)
    check_all(system)


def test_one_that_no_tool_takes_up_is_ended_and_frees_the_place(
    system: System,
) -> None:
    system.kill("deploy-tool")
    answer = system.deploy()
    assert answer.status_code == 201
    ended = system.ends(answer.json()["number"], "canceled")
    assert ended["code"] == "no_tooling_answered"
    (ours,) = system.ours_at_github(ended["uuid"])
    assert system.newest_state_at_github(ours["id"]) == "error"
    system.spawn("deploy-tool")
    system.deploys_again()
    check_all(system)
