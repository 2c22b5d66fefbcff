"""The rules of deploy.yml and what people decide, on processes of their own.

No tool runs: the tests say what it would, so what waits waits for as long as they want.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from .conftest import Start
from .invariants import check_all
from .people import deploy, deployed, number_of, queue, refused, succeeds
from .pushing import push
from .system import REPOSITORY, System, eventually

CONFIG = """\
envs:
  - name: locked
  - name: reviewed
    review:
      enabled: true
      reviewers: [reader, "@octo/deployers"]
      required: 2
  - name: line
    serialization: true
    queue: true
  - name: frozen
    description: The museum
    frozen_windows:
      - start: "0 0 1 JAN *"
        duration: 366d
    overriders: [admin]
  - name: released
    auto_deploy_on: refs/heads/release
    required_contexts: []
  - name: lost
    serialization: true
    queue: true
  - name: staging
  - name: canary
    needs: [staging]
"""
IMPATIENT = {"GITPLOY_ASK_IN_QUEUE_S": "2", "GITPLOY_SWEEP_INTERVAL_S": "2"}


@pytest.fixture(scope="module")
def system(start: Start) -> Iterator[System]:
    system = start(tool=False, settings=IMPATIENT, config=CONFIG)
    yield system
    check_all(system)


def test_a_lock_keeps_all_but_its_owner_out(system: System) -> None:
    lock = system.ask("admin", "POST", "/locks", env="locked", reason="Stocktaking")
    assert lock.status_code == 201, lock.text
    answer = deploy(system, "locked")
    assert refused(answer) == (422, "deployment_locked")
    assert "admin has locked locked" in answer.json()["message"]
    assert "Stocktaking" in answer.json()["message"]
    succeeds(system, deployed(system, "locked", "admin"))
    second = system.ask("deployer", "POST", "/locks", env="locked")
    assert refused(second) == (422, "lock_already_exist")
    unlocked = system.ask("admin", "DELETE", f"/locks/{lock.json()['id']}")
    assert unlocked.status_code == 200
    retried = system.ask("deployer", "POST", f"/deployments/{number_of(answer)}/retry")
    assert retried.status_code == 201, retried.text
    succeeds(system, number_of(retried))


def test_two_approve_and_the_third_sends_it(system: System) -> None:
    answer = deploy(system, "reviewed")
    shown = answer.json()
    assert (answer.status_code, shown["phase"]) == (201, "waiting_for_review")
    assert shown["waits_for"]["who"] == ["admin", "reader"]
    one = f"/deployments/{shown['number']}"
    pair = {"sha": shown["sha"], "config_digest": shown["config_digest"]}
    for reviewer in ("reader", "admin"):
        early = system.ask("deployer", "PUT", one, **pair)
        assert refused(early) == (422, "deployment_not_approved")
        said = system.ask(reviewer, "PATCH", f"{one}/review", status="approved", **pair)
        assert said.status_code == 200, said.text
    own = system.ask("deployer", "PATCH", f"{one}/review", status="approved")
    assert own.status_code == 404
    sent = system.ask("deployer", "PUT", one, **pair)
    assert sent.status_code == 200, sent.text
    ended = succeeds(system, shown["number"])
    assert ended["sha"] == shown["sha"]
    assert len(system.ours_at_github(ended["uuid"])) == 1


def test_a_line_is_served_in_order_and_a_cancel_in_its_middle_leaves_it(
    system: System,
) -> None:
    first = deployed(system, "line")
    waiting = [number_of(deploy(system, "line")) for _ in range(4)]
    places = [system.deployment(n)["waits_for"]["position"] for n in waiting]
    assert places == [1, 2, 3, 4]
    gone = waiting.pop(1)
    assert system.cancel(gone).json()["phase"] == "canceled"
    eventually(partial(queue, system, "line"), lambda q: q == waiting)
    for number in [first, *waiting]:
        succeeds(system, number)
    newest_first = [
        there["payload"]["gitploy"]["number"]
        for there in system.at_github()
        if there["environment"] == "line"
    ]
    assert newest_first == [first, *waiting][::-1]


def test_a_freeze_refuses_and_an_overrider_goes_past_it(system: System) -> None:
    answer = deploy(system, "frozen")
    assert refused(answer) == (422, "deployment_frozen")
    assert "is frozen until" in answer.json()["message"]
    override = {"checks": ["frozen"], "reason": "Hotfix of the prices"}
    answer = deploy(system, "frozen", override=override)
    assert refused(answer) == (422, "deployment_frozen")
    assert "Only admin may override this" in answer.json()["message"]
    shown = succeeds(system, deployed(system, "frozen", "admin", override=override))
    assert shown["override"] == override
    [check] = [c for c in shown["checks"] if c["code"] == "frozen"]
    assert check["state"] == "overridden"
    assert "Overridden by admin: Hotfix of the prices" in check["message"]
    [there] = system.ours_at_github(shown["uuid"])
    assert there["description"].startswith("Overrides frozen: Hotfix of the prices")


def test_pushes_are_deployed_until_a_rollback_and_again_when_resumed(
    system: System,
) -> None:
    first, second = (pushed(system, text) for text in ("one", "two"))
    assert [d["source"] for d in (first, second)] == ["push", "push"]
    assert first["edges"]["user"]["login"] == "octo"
    back = system.ask("admin", "POST", f"/deployments/{first['number']}/rollback")
    assert back.status_code == 201, back.text
    rolled = succeeds(system, number_of(back))
    assert (rolled["sha"], rolled["is_rollback"]) == (first["sha"], True)
    held = of_push(system, push(system.repository, system.dir, "release", "three"))
    assert system.ends(held, "rejected")["code"] == "auto_deploy_held"
    environment = system.ask("reader", "GET", "/environments/released").json()
    assert environment["hold"]["number"] == rolled["number"]
    assert environment["live"]["number"] == rolled["number"]
    resumed = system.ask("admin", "POST", "/environments/released/resume")
    assert (resumed.status_code, resumed.json()["hold"]) == (200, None)
    pushed(system, "four")


def pushed(system: System, text: str) -> dict[str, Any]:
    """Push a commit, and see it deployed to its end."""
    sha = push(system.repository, system.dir, "release", text)
    shown = succeeds(system, of_push(system, sha))
    assert shown["sha"] == sha
    return shown


def of_push(system: System, sha: str) -> int:
    """The number of the deployment that a push has made."""

    def found() -> list[int]:
        path = f"/repos/{REPOSITORY}/deployments"
        shown = system.api.get(path, params={"env": "released"}).json()
        return [d["number"] for d in shown if d["sha"] == sha and not d["is_rollback"]]

    return eventually(found, bool)[0]


def test_a_push_that_could_not_be_delivered_is_found(system: System) -> None:
    system.faults(webhooks={"drop": 1.0})
    sha = push(system.repository, system.dir, "release", "lost")
    eventually(partial(dropped, system, "push"), bool)
    system.no_faults()
    succeeds(system, of_push(system, sha))


def dropped(system: System, event: str) -> list[dict[str, Any]]:
    deliveries = system.github.get("/_sandbox/deliveries").json()
    return [d for d in deliveries if d["event"] == event and d["status"] == 0]


def test_a_final_status_that_got_lost_frees_the_place(system: System) -> None:
    first = deployed(system, "lost")
    second = number_of(deploy(system, "lost"))
    system.faults(webhooks={"drop": 1.0})
    system.tool_says(first)
    eventually(partial(dropped, system, "deployment_status"), bool)
    system.ends(second, "created")
    system.no_faults()
    system.ends(first, "success")
    succeeds(system, second)


def test_what_one_needs_has_to_have_succeeded_and_is_promoted(system: System) -> None:
    early = deploy(system, "canary")
    assert early.status_code == 422
    assert "has not succeeded in staging" in early.json()["message"]
    shown = succeeds(system, deployed(system, "staging"))
    wanted: dict[str, Any] = {"from": "staging"}
    answer = system.ask("deployer", "POST", "/environments/canary/promote", **wanted)
    assert answer.status_code == 201, answer.text
    assert answer.json()["sha"] == shown["sha"]
    succeeds(system, number_of(answer))


@pytest.mark.parametrize(
    ("env", "would"), [("reviewed", "review"), ("frozen", "refuse"), ("line", "deploy")]
)
def test_a_preflight_foretells_and_records_nothing(
    system: System, env: str, would: str
) -> None:
    before = system.last_number()
    path = f"/environments/{env}/preflight?type=branch&ref=feature/cart"
    told = system.ask("deployer", "GET", path)
    assert told.status_code == 200, told.text
    assert told.json()["would"] == would
    assert len(told.json()["sha"]) == 40
    assert system.last_number() == before
