"""SIGKILL where pushes, checks, others' deployments and ends are recorded.

What GitHub has told is recorded, or GitHub tells it again; what somebody wants to end,
ends once, and nothing else with it.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
import pytest

from .conftest import Start
from .invariants import check_all
from .people import deploy, deployed, number_of, queue, succeeds
from .pushing import push
from .system import (
    GATEWAY,
    STATUS_SYNC,
    TOOL_TOKEN,
    VERIFIER,
    System,
    eventually,
)

CONFIG = """\
envs:
  - name: line
    serialization: true
    queue: true
  - name: reviewed
    review:
      enabled: true
      reviewers: [reader]
  - name: checked
    required_contexts: [ci]
  - name: released
    auto_deploy_on: refs/heads/release
    required_contexts: []
"""
#: What GitHub could not deliver is looked for at once, and no tool is to be waited for.
IMPATIENT = {"GITPLOY_SWEEP_INTERVAL_S": "1", "GITPLOY_CANCEL_GRACE_S": "1"}
LOST = "store.before"
#: Before the commit, and after it; `entry` explains them.
STAGES = pytest.mark.parametrize("stage", [LOST, "store.after"])


@pytest.fixture(scope="module")
def system(start: Start) -> Iterator[System]:
    system = start(tool=False, settings=IMPATIENT, config=CONFIG)
    yield system
    check_all(system)


def is_(wanted: object) -> Callable[[object], bool]:
    return lambda seen: seen == wanted


# What GitHub tells


@STAGES
def test_as_a_push_is_heard(system: System, stage: str) -> None:
    system.plan_crash(STATUS_SYNC, f"{stage}:RefPushed")
    sha = push(system.repository, system.dir, "release", f"heard {stage}")
    system.wait_for_crash(STATUS_SYNC)
    is_deployed_once(system, sha)


@STAGES
def test_as_a_push_is_matched(system: System, stage: str) -> None:
    system.plan_crash(VERIFIER, f"{stage}:AutoDeployMatched")
    sha = push(system.repository, system.dir, "release", f"matched {stage}")
    system.wait_for_crash(VERIFIER)
    is_deployed_once(system, sha)


def is_deployed_once(system: System, sha: str) -> None:
    [number] = eventually(partial(of_push, system, sha), bool)
    assert succeeds(system, number)["sha"] == sha
    assert of_push(system, sha) == [number]


def of_push(system: System, sha: str) -> list[int]:
    """The numbers of the deployments that a push has made."""
    return [
        each["number"]
        for each in shown(system, "released")
        if each["source"] == "push" and each["sha"] == sha
    ]


def shown(system: System, env: str) -> list[dict[str, Any]]:
    path = f"/repos/{system.named}/deployments"
    return list(system.api.get(path, params={"env": env}).json())


@STAGES
def test_as_checks_are_waited_for(system: System, stage: str) -> None:
    sha = deploys_with_checks(system, stage)
    path = f"/repos/{system.named}/statuses/{sha}"
    tool_posts(system, path, state="success", context="ci")
    succeeds(system, system.last_number())


def deploys_with_checks(system: System, stage: str) -> str:
    """Ask for what has a check that has not finished, and answer its commit."""
    main = system.github.get(f"/repos/{system.named}/git/ref/heads/main").json()
    sha = str(main["object"]["sha"])
    path = f"/repos/{system.named}/statuses/{sha}"
    tool_posts(system, path, state="pending", context="ci")
    system.plan_crash(VERIFIER, f"{stage}:ChecksPending")
    answer = deploy(system, "checked", wait_for_checks=True, wait_s=0)
    system.wait_for_crash(VERIFIER)
    waiting = system.ends(number_of(answer), "waiting_for_checks")
    assert waiting["waits_for"]["who"] == ["ci"]
    return sha


@STAGES
def test_as_somebody_elses_deployment_is_seen(system: System, stage: str) -> None:
    system.plan_crash(STATUS_SYNC, f"{stage}:ForeignDeploymentSeen")
    path, env = f"/repos/{system.named}/deployments", f"theirs-{stage[-5:]}"
    wanted = {"ref": "main", "environment": env, "required_contexts": []}
    theirs = tool_posts(system, path, **wanted).json()["id"]
    system.wait_for_crash(STATUS_SYNC)
    [seen] = eventually(partial(shown, system, env), bool)
    assert (seen["foreign"], seen["number"], seen["uid"]) == (True, None, theirs)
    tool_posts(system, f"{path}/{theirs}/statuses", state="success")
    ended = partial(shown, system, env)
    eventually(ended, lambda all_: [each["phase"] for each in all_] == ["success"])


def tool_posts(system: System, path: str, **told: Any) -> httpx.Response:
    as_tool = {"Authorization": f"Bearer {TOOL_TOKEN}"}
    return system.github.post(path, json=told, headers=as_tool).raise_for_status()


# What people want to end


@STAGES
def test_as_a_place_is_given_back(system: System, stage: str) -> None:
    first = deployed(system, "line")
    second = number_of(deploy(system, "line"))
    system.plan_crash(GATEWAY, f"{stage}:SlotReleaseRequested")
    with pytest.raises(httpx.TransportError):
        release(system)
    system.wait_for_crash(GATEWAY)
    if stage == LOST:
        assert queue(system, "line") == [second]
        assert release(system).status_code == 200
    # One that gave its place back goes on until its end.
    for number in (second, first):
        succeeds(system, number)


def release(system: System) -> httpx.Response:
    """By whoever runs Gitploy."""
    path = f"/repos/{system.named}/environments/line/release"
    return system.api.post(path, json={"reason": "The tool is gone."})


@STAGES
def test_as_a_reviewer_rejects(system: System, stage: str) -> None:
    number = number_of(deploy(system, "reviewed"))
    system.ends(number, "waiting_for_review")
    no = partial(system.ask, "reader", "PATCH", f"/deployments/{number}/review")
    # Before people are asked nobody can answer.
    reviews = partial(system.deployment, number)
    eventually(reviews, lambda each: bool(each["edges"]["reviews"]))
    system.plan_crash(GATEWAY, f"{stage}:CancelRequested")
    with pytest.raises(httpx.TransportError):
        no(status="rejected", comment="Not now")
    system.wait_for_crash(GATEWAY)
    if stage == LOST:
        [review] = system.deployment(number)["edges"]["reviews"]
        assert review["status"] == "pending"
        assert no(status="rejected", comment="Not now").status_code == 200
    ended = system.ends(number, "canceled")
    assert ended["code"] == "review_rejected"
    assert ended["message"].startswith("reader rejected it: Not now.")
    assert system.ours_at_github(ended["uuid"]) == []


@STAGES
def test_as_a_rollback_takes_a_place_over(system: System, stage: str) -> None:
    first = deployed(system, "line")
    succeeds(system, first)
    second = deployed(system, "line")
    system.plan_crash(GATEWAY, f"{stage}:CancelRequested")
    path = f"/deployments/{first}/rollback"
    # The gateway may die before it has answered.
    with suppress(httpx.TransportError):
        system.ask("admin", "POST", path, take_over=True, wait_s=0)
    system.wait_for_crash(GATEWAY)
    ended = system.ends(second, "canceled")
    assert ended["code"] == "taken_over"
    back = system.last_number()
    assert succeeds(system, back)["rollback_of"]["number"] == first


@STAGES
def test_as_pushes_are_resumed(system: System, stage: str) -> None:
    first = deployed(system, "released")
    succeeds(system, first)
    path = f"/deployments/{first}/rollback"
    back = number_of(system.ask("admin", "POST", path, wait_s=0))
    succeeds(system, back)
    assert hold(system)["number"] == back
    system.plan_crash(VERIFIER, f"{stage}:AutoDeployResumed")
    system.ask("admin", "POST", "/environments/released/resume", wait_s=0)
    system.wait_for_crash(VERIFIER)
    eventually(partial(hold, system), is_(None))
    sha = push(system.repository, system.dir, "release", f"resumed {stage}")
    is_deployed_once(system, sha)


def hold(system: System) -> Any:
    return system.ask("reader", "GET", "/environments/released").json()["hold"]
