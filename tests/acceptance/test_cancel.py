"""A cancel in every phase and at each point where the dispatcher may die."""

import threading
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from verifier.domain.environment import SlotEnded, SlotGranted

from .invariants import check_all
from .replicas import recorded
from .system import DISPATCHER, PATIENCE_S, TOOL, VERIFIER, System, eventually

POINTS = [
    "store.after:AttemptStarted",
    "store.before:GitHubDeploymentCreated",
    "store.after:GitHubDeploymentCreated",
    "bus.after:GitHubDeploymentCreated",
    "store.before:GitHubDeploymentCanceled",
    "store.after:GitHubDeploymentCanceled",
]


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(system: System) -> Iterator[None]:
    yield
    system.no_faults()
    system.deploys_again()
    check_all(system)
    each_place_was_freed_once(system)


def each_place_was_freed_once(system: System) -> None:
    granted, ended = eventually(
        lambda: places(system), lambda seen: seen[0].keys() <= seen[1].keys()
    )
    once = Counter(dict.fromkeys(granted, 1))
    assert (granted, ended) == (once, once)


def places(system: System) -> tuple[Counter[UUID], Counter[UUID]]:
    """How often each deployment got a place, and how often such a place was freed."""
    facts = recorded(system, "production")
    granted = Counter(f.deployment_id for f in facts if isinstance(f, SlotGranted))
    ended = Counter(f.deployment_id for f in facts if isinstance(f, SlotEnded))
    return granted, Counter({id_: n for id_, n in ended.items() if id_ in granted})


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
    assert system.cancel(number, wait_s=0).status_code == 202
    assert system.deployment(number)["phase"] == "canceling"
    assert system.cancel(number, wait_s=0).status_code == 202, "nobody is asked twice"
    system.spawn(DISPATCHER)
    ends_stopped_or_finished(system, number)


def test_after_it_was_created(system: System) -> None:
    system.kill(TOOL)
    number = system.deploy().json()["number"]
    canceled_in(system, number, "created")
    assert system.deployment(number)["phase"] == "canceled"
    assert system.cancel(number).status_code == 200, "nothing happens again"
    system.spawn(TOOL)


@pytest.mark.parametrize(
    ("state", "phase"), [("queued", "queued"), ("in_progress", "running")]
)
def test_while_the_tool_is_at_it(system: System, state: str, phase: str) -> None:
    system.kill(TOOL)
    number = system.deploy().json()["number"]
    system.tool_says(number, state)
    canceled_in(system, number, phase)
    shown = system.deployment(number)
    assert shown["phase"] == "canceled"
    assert system.newest_state_at_github(shown["uid"]) == "error"
    system.spawn(TOOL)


def test_after_it_ended_nothing_changes(system: System) -> None:
    number = system.deploy().json()["number"]
    system.ends(number, "success")
    assert system.cancel(number).status_code == 422
    assert system.deployment(number)["phase"] == "success"


@pytest.mark.parametrize("point", POINTS)
def test_the_dispatcher_dies_meanwhile(system: System, point: str) -> None:
    number = system.last_number() + 1
    system.plan_crash(DISPATCHER, point)
    system.kill(TOOL)
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
    system.spawn(TOOL)


def test_the_dispatcher_dies_between_githubs_success_and_its_answer(
    system: System,
) -> None:
    number, before = system.last_number() + 1, len(system.at_github())
    system.faults(create_deployment={"delay_after_success_s": 5.0})
    system.kill(TOOL)
    requesting = threading.Thread(target=post_quietly, args=[system], daemon=True)
    requesting.start()
    eventually(lambda: len(system.at_github()), lambda n: n == before + 1)
    system.kill(DISPATCHER)
    system.no_faults()
    system.cancel(number)
    system.spawn(DISPATCHER)
    shown = system.ends(number, "canceled")
    requesting.join(PATIENCE_S)
    (deployment,) = system.ours_at_github(shown["uuid"])
    assert system.newest_state_at_github(deployment["id"]) == "error"
    system.spawn(TOOL)


def post_quietly(system: System) -> None:
    try:
        system.deploy(wait_s=5)
    except httpx.TransportError:
        """Only what is recorded counts here."""
