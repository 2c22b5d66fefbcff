"""Webhooks that never come: GitHub is asked before anything is given up."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .invariants import check_all
from .system import System


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    module_amqp_url: str,
    module_database_url: str,
) -> Iterator[System]:
    folder: Path = tmp_path_factory.mktemp("system")
    impatient = {
        "GITPLOY_TOOLING_TIMEOUT_S": "5",
        "GITPLOY_SILENCE_TIMEOUT_S": "5",
        "GITPLOY_CANCEL_GRACE_S": "5",
    }
    system = System(folder, module_amqp_url, module_database_url, settings=impatient)
    try:
        system.start()
        yield system
    finally:
        system.stop()


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
