"""A cancel in every phase and at each point where the dispatcher may die."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from .invariants import check_all
from .system import DISPATCHER, PATIENCE_S, VERIFIER, System, eventually

POINTS = [
    "store.after:AttemptStarted",
    "store.before:GitHubDeploymentCreated",
    "store.after:GitHubDeploymentCreated",
    "store.before:GitHubDeploymentCanceled",
    "store.after:GitHubDeploymentCanceled",
]


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(system: System) -> Iterator[None]:
    yield
    system.no_faults()
    system.deploys_again()
    check_all(system)


def canceled_in(system: System, number: int, phase: str) -> None:
    eventually(lambda: system.deployment(number)["phase"], lambda seen: seen == phase)
    assert system.cancel(number).status_code in (200, 202)
    ends_stopped_or_finished(system, number)


def ends_stopped_or_finished(system: System, number: int) -> None:
    """Nothing at GitHub, or its one deployment in `error` or finished by the tool.

    The tool may finish what is canceled; that is then shown, a little later.
    """

    def phase_and_states() -> tuple[str, list[str]]:
        shown = system.deployment(number)
        there = system.ours_at_github(shown["uuid"])
        return shown["phase"], [system.newest_state_at_github(d["id"]) for d in there]

    eventually(phase_and_states, agree)


def agree(seen: tuple[str, list[str]]) -> bool:
    phase, states = seen
    return (phase, *states) in {
        ("canceled",),
        ("canceled", "error"),
        ("success", "success"),
        ("failure", "failure"),
        # It had finished before our `error` came.
        ("success", "error"),
    }


def test_while_the_verifier_is_away(system: System) -> None:
    system.kill(VERIFIER)
    number = system.deploy(wait_s=0).json()["number"]
    canceled_in(system, number, "requested")
    assert system.deployment(number)["phase"] == "canceled"
    system.spawn(VERIFIER)
    system.wait_until_ready()


def test_while_the_dispatcher_is_away(system: System) -> None:
    """Order and cancel wait side by side: whichever it takes first, both are kept."""
    system.kill(DISPATCHER)
    number = system.deploy(wait_s=0).json()["number"]
    eventually(lambda: system.deployment(number)["phase"], lambda p: p == "dispatching")
    system.cancel(number)
    system.spawn(DISPATCHER)
    ends_stopped_or_finished(system, number)


def test_after_it_was_created(system: System) -> None:
    system.kill("deploy-tool")
    number = system.deploy().json()["number"]
    canceled_in(system, number, "created")
    assert system.deployment(number)["phase"] == "canceled"
    system.spawn("deploy-tool")


def test_after_it_ended_nothing_changes(system: System) -> None:
    number = system.deploy().json()["number"]
    system.ends(number, "success")
    assert system.cancel(number).status_code == 422
    assert system.deployment(number)["phase"] == "success"


@pytest.mark.parametrize("point", POINTS)
def test_the_dispatcher_dies_meanwhile(system: System, point: str) -> None:
    number = system.last_number() + 1
    system.plan_crash(DISPATCHER, point)
    system.kill("deploy-tool")
    requesting = threading.Thread(target=post_quietly, args=[system], daemon=True)
    requesting.start()
    if "Canceled" not in point:
        system.wait_for_death(DISPATCHER)
        system.cancel(number)
        system.revive(DISPATCHER)
    else:
        system.ends(number, "created")
        system.cancel(number)
        system.wait_for_crash(DISPATCHER)
    system.ends(number, "canceled")
    requesting.join(PATIENCE_S)
    ends_stopped_or_finished(system, number)
    system.spawn("deploy-tool")


def post_quietly(system: System) -> None:
    try:
        system.deploy(wait_s=5)
    except httpx.TransportError:
        """Only what is recorded counts here."""
