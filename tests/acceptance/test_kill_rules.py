"""SIGKILL where people's decisions are recorded: nothing lost, and nothing done twice.

What was committed goes on by itself. What was not is asked for again: of the verifier
by the bus, of the gateway by whoever got no answer.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from .conftest import Start
from .invariants import check_all
from .people import (
    approve,
    deploy,
    deployed,
    number_of,
    pair_of,
    refused,
    send,
    succeeds,
)
from .system import GATEWAY, VERIFIER, System, eventually

CONFIG = """\
envs:
  - name: line
    serialization: true
    queue: true
  - name: reviewed
    review:
      enabled: true
      reviewers: [reader]
  - name: locked
  - name: released
    auto_deploy_on: refs/heads/release
"""
LOST = "store.before"
#: Before the commit, after it, and when it has been published; `entry` explains them.
STAGES = pytest.mark.parametrize("stage", [LOST, "store.after", "bus.after"])


@pytest.fixture(scope="module")
def system(start: Start) -> System:
    return start(tool=False, config=CONFIG)


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(system: System) -> Iterator[None]:
    yield
    check_all(system)


def unanswered(ask: Callable[[], object]) -> None:
    """Ask the gateway, which dies of it."""
    with pytest.raises(httpx.TransportError):
        ask()


# The verifier


@STAGES
def test_as_one_is_put_in_line(system: System, stage: str) -> None:
    first = deployed(system, "line")
    system.plan_crash(VERIFIER, f"{stage}:DeployQueued")
    second = number_of(deploy(system, "line", wait_s=0))
    system.wait_for_crash(VERIFIER)
    waiting = system.ends(second, "waiting_in_queue")
    assert waiting["waits_for"]["position"] == 1
    for number in (first, second):
        succeeds(system, number)


@STAGES
def test_as_the_line_moves_on(system: System, stage: str) -> None:
    first = deployed(system, "line")
    second, third = (number_of(deploy(system, "line")) for _ in range(2))
    system.plan_crash(VERIFIER, f"{stage}:QueueMoved")
    system.cancel(second)
    system.wait_for_crash(VERIFIER)
    eventually(lambda: system.deployment(third)["waits_for"]["position"], is_(1))
    for number in (first, third):
        succeeds(system, number)
    assert system.deployment(second)["phase"] == "canceled"


def is_(wanted: object) -> Callable[[object], bool]:
    return lambda seen: seen == wanted


@STAGES
def test_as_people_are_asked_for_a_review(system: System, stage: str) -> None:
    system.plan_crash(VERIFIER, f"{stage}:ReviewRequested")
    number = number_of(deploy(system, "reviewed", wait_s=0))
    system.wait_for_crash(VERIFIER)
    waiting = system.ends(number, "waiting_for_review")
    assert waiting["waits_for"]["who"] == ["reader"]
    goes_out(system, waiting)


def goes_out(system: System, waiting: dict[str, Any]) -> None:
    eventually(lambda: approve(system, waiting, "reader").status_code, is_(200))
    sent = send(system, waiting)
    assert sent.status_code == 200, sent.text
    assert pair_of(succeeds(system, waiting["number"])) == pair_of(waiting)


@STAGES
def test_as_a_confirmation_is_refused(system: System, stage: str) -> None:
    waiting = approved(system)
    there = locked(system, "reviewed")
    system.plan_crash(VERIFIER, f"{stage}:ConfirmationRefused")
    send(system, waiting, wait_s=0)
    system.wait_for_crash(VERIFIER)
    seen = eventually(
        lambda: system.deployment(waiting["number"]),
        lambda d: d["confirmation"] and d["confirmation"]["code"],
    )
    assert (seen["confirmation"]["nth"], seen["phase"]) == (1, "waiting_for_review")
    assert seen["confirmation"]["code"] == "deployment_locked"
    assert seen["waits_for"]["approved"] == 1
    unlock(system, there)
    goes_out(system, waiting)


def approved(system: System) -> dict[str, Any]:
    number = number_of(deploy(system, "reviewed"))
    waiting = system.ends(number, "waiting_for_review")
    eventually(lambda: approve(system, waiting, "reader").status_code, is_(200))
    return waiting


@STAGES
def test_as_an_environment_is_locked(system: System, stage: str) -> None:
    system.plan_crash(VERIFIER, f"{stage}:EnvironmentLocked")
    lock(system, wait_s=0)
    system.wait_for_crash(VERIFIER)
    keeps_others_out_until_unlocked(system)


def keeps_others_out_until_unlocked(system: System) -> None:
    [there] = eventually(lambda: locks(system), bool)
    assert there["reason"] == "Stocktaking"
    assert refused(deploy(system, "locked")) == (422, "deployment_locked")
    succeeds(system, deployed(system, "locked", "admin"))
    unlock(system, there)
    succeeds(system, deployed(system, "locked"))


@STAGES
def test_as_a_rollback_keeps_pushes_out(system: System, stage: str) -> None:
    first = deployed(system, "released")
    succeeds(system, first)
    system.plan_crash(VERIFIER, f"{stage}:AutoDeployHeld")
    path = f"/deployments/{first}/rollback"
    back = number_of(system.ask("admin", "POST", path, wait_s=0))
    system.wait_for_crash(VERIFIER)
    assert eventually(partial(hold, system), bool)["number"] == back
    succeeds(system, back)
    resumed = system.ask("admin", "POST", "/environments/released/resume")
    assert (resumed.status_code, resumed.json()["hold"]) == (200, None)


def hold(system: System) -> Any:
    return system.ask("reader", "GET", "/environments/released").json()["hold"]


# The gateway


@STAGES
def test_as_what_has_its_approvals_is_sent(system: System, stage: str) -> None:
    waiting = approved(system)
    system.plan_crash(GATEWAY, f"{stage}:DeployConfirmed")
    unanswered(partial(send, system, waiting))
    system.wait_for_crash(GATEWAY)
    if stage == LOST:
        kept = system.deployment(waiting["number"])
        assert kept["phase"] == "waiting_for_review"
        assert kept["waits_for"]["approved"] == 1
        assert send(system, waiting).status_code == 200
    ended = succeeds(system, waiting["number"])
    assert pair_of(ended) == pair_of(waiting)
    assert ended["confirmation"]["nth"] == 1
    assert len(system.ours_at_github(ended["uuid"])) == 1


@STAGES
def test_as_a_lock_is_asked_for(system: System, stage: str) -> None:
    system.plan_crash(GATEWAY, f"{stage}:LockRequested")
    unanswered(partial(lock, system))
    system.wait_for_crash(GATEWAY)
    if stage == LOST:
        assert locks(system) == []
        locked(system)
    keeps_others_out_until_unlocked(system)


@STAGES
def test_as_an_unlock_is_asked_for(system: System, stage: str) -> None:
    there = locked(system)
    system.plan_crash(GATEWAY, f"{stage}:UnlockRequested")
    unanswered(partial(unlock, system, there))
    system.wait_for_crash(GATEWAY)
    if stage == LOST:
        assert [each["id"] for each in locks(system)] == [there["id"]]
        unlock(system, there)
    eventually(lambda: locks(system), is_([]))
    succeeds(system, deployed(system, "locked"))
    past = system.ask("reader", "GET", "/locks?history").json()
    [ended] = [each["ended"] for each in past if each["id"] == there["id"]]
    assert ended["cause"] == "person"


def locks(system: System) -> list[dict[str, Any]]:
    """Those that are in force."""
    return list(system.ask("reader", "GET", "/locks").json())


def lock(system: System, env: str = "locked", **more: Any) -> httpx.Response:
    wanted = {"env": env, "reason": "Stocktaking", **more}
    return system.ask("admin", "POST", "/locks", **wanted)


def locked(system: System, env: str = "locked") -> dict[str, Any]:
    answer = lock(system, env)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def unlock(system: System, there: dict[str, Any]) -> None:
    answer = system.ask("admin", "DELETE", f"/locks/{there['id']}")
    assert answer.status_code == 200, answer.text
