"""The rules on two replicas of every service, while the world changes under them.

No tool runs: the tests say what it would. People ask either gateway.
"""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import cycle, pairwise
from typing import Any

import pytest

from shared.contracts import EnvironmentLocked, EnvironmentUnlocked
from verifier.domain.environment.facts import SlotGranted

from .conftest import Start
from .invariants import check_all
from .people import (
    approve,
    deploy,
    deployed,
    number_of,
    pair_of,
    queue,
    refused,
    send,
    succeeds,
)
from .pushing import git, push
from .replicas import (
    GATEWAYS,
    HOLDS,
    OPENS_IN,
    OTHERS,
    PATIENT,
    REWRITTEN,
    at_once,
    change_rules,
    config,
    paused,
    recorded,
    rename,
)
from .system import DISPATCHER, REPOSITORY, System, eventually


@pytest.fixture(scope="module")
def system(start: Start) -> Iterator[System]:
    system = start(tool=False, replicas=2, settings=PATIENT, config=config())
    yield system
    check_all(system)


def waiting_for_review(system: System, env: str, **more: Any) -> dict[str, Any]:
    number = number_of(deploy(system, env, **more))
    shown = system.ends(number, "waiting_for_review")
    return eventually(lambda: system.deployment(shown["number"]), reviewers_are_asked)


def reviewers_are_asked(shown: dict[str, Any]) -> bool:
    return bool(shown["edges"]["reviews"])


def approved(system: System, env: str) -> dict[str, Any]:
    shown = waiting_for_review(system, env)
    answer = approve(system, shown, "reader")
    assert answer.status_code == 200, answer.text
    return shown


def description_of(system: System, shown: dict[str, Any]) -> str:
    """As GitHub has it."""
    [there] = system.ours_at_github(shown["uuid"])
    assert there["sha"] == shown["sha"]
    return str(there["description"])


# Those who compete


def test_a_line_of_ten_goes_one_by_one_and_a_cancel_in_its_middle_leaves_it(
    system: System,
) -> None:
    first = deployed(system, "line")
    either = cycle(GATEWAYS)
    asks = [
        partial(deploy, system, "line", wait_s=0, replica=next(either))
        for _ in range(10)
    ]
    line = sorted(number_of(answer) for answer in at_once(*asks))
    eventually(partial(queue, system, "line"), lambda seen: seen == line)
    canceled = line.pop(5)
    system.cancel(canceled)
    eventually(partial(queue, system, "line"), lambda seen: seen == line)
    for number in [first, *line]:
        succeeds(system, number)
    assert not system.ours_at_github(system.ends(canceled, "canceled")["uuid"])
    sent = [d for d in system.at_github()[::-1] if d["environment"] == "line"]
    numbers = [d["payload"]["gitploy"]["number"] for d in sent]
    assert [n for n in numbers if n >= first] == [first, *line]
    for before, after in pairwise(sent):
        final = [s for s in system.statuses_at_github(before["id"]) if is_final(s)]
        # GitHub counts: what has the greater id came later.
        assert final[-1]["id"] < after["id"]


def is_final(status: dict[str, Any]) -> bool:
    return bool(status["state"] == "success")


def test_of_two_that_want_one_place_one_gets_it(system: System) -> None:
    for _ in range(3):
        answers = at_once(
            *(partial(deploy, system, "place", replica=one) for one in GATEWAYS)
        )
        assert sorted(map(refused, answers)) == [
            (201, None),
            (422, "deployment_serialization"),
        ]
        [number] = [number_of(a) for a in answers if a.status_code == 201]
        succeeds(system, number)


def test_two_confirmations_of_one_approval_send_it_once(system: System) -> None:
    for _ in range(3):
        shown = approved(system, "reviewed")
        answers = at_once(
            *(partial(send, system, shown, replica=one) for one in GATEWAYS)
        )
        # Who comes when it is sent is told so.
        outcomes = {refused(answer) for answer in answers}
        assert (200, None) in outcomes
        assert outcomes <= {(200, None), (422, "deployment_status_invalid")}
        ended = succeeds(system, shown["number"])
        assert ended["confirmation"]["nth"] == 1
        description_of(system, ended)


def test_an_approval_that_sends_against_a_cancel_ends_as_one_of_them(
    system: System,
) -> None:
    for _ in range(3):
        shown = waiting_for_review(system, "sent-at-once")
        cancel = f"/deployments/{shown['number']}/cancel"
        at_once(
            partial(approve, system, shown, "reader", replica=GATEWAYS[0]),
            partial(system.ask, "admin", "POST", cancel, replica=GATEWAYS[1]),
        )
        ended = system.ends(shown["number"], "canceled")
        there = system.ours_at_github(ended["uuid"])
        states = [system.newest_state_at_github(each["id"]) for each in there]
        assert states in ([], ["error"])


def test_a_lock_against_a_deployment_is_settled_by_who_came_first(
    system: System,
) -> None:
    for _ in range(5):
        lock = partial(system.ask, "admin", "POST", "/locks", env="open")
        locked, answer = at_once(
            partial(lock, replica=GATEWAYS[0]),
            partial(deploy, system, "open", replica=GATEWAYS[1]),
        )
        assert locked.status_code == 201, locked.text
        assert refused(answer) in {(201, None), (422, "deployment_locked")}
        assert refused(deploy(system, "open")) == (422, "deployment_locked")
        if answer.status_code == 201:
            succeeds(system, number_of(answer))
        system.ask("admin", "DELETE", f"/locks/{locked.json()['id']}")
    owner = None
    for fact in recorded(system, "open"):
        match fact:
            case EnvironmentLocked():
                owner = fact.owner
            case EnvironmentUnlocked():
                owner = None
            case SlotGranted():
                assert owner in {None, fact.requested_by}


def test_a_locks_time_ends_it_once(system: System) -> None:
    end = (system.now() + timedelta(minutes=5)).isoformat()
    made = system.ask("admin", "POST", "/locks", env="open", expired_at=end)
    assert made.status_code == 201, made.text
    assert refused(deploy(system, "open")) == (422, "deployment_locked")
    system.pass_time(timedelta(minutes=5))
    one = f"/locks/{made.json()['id']}"
    ended = eventually(
        lambda: system.ask("reader", "GET", one).json(), lambda seen: seen["ended"]
    )
    assert ended["ended"]["cause"] == "expired"
    succeeds(system, deployed(system, "open"))


# The world changes


def test_what_was_verified_goes_out_whatever_becomes_of_branch_and_rules(
    system: System,
) -> None:
    seen = {
        branch: push(system.repository, system.dir, branch, "As it was seen")
        for branch in ("forced", "deleted")
    }
    holder = deployed(system, "line")
    in_line = number_of(deploy(system, "line", ref="forced"))
    with paused(system, DISPATCHER):
        sent = [number_of(deploy(system, "open", ref=b, wait_s=0)) for b in seen]
        for number in sent:
            system.ends(number, "dispatching")
        push(system.repository, system.dir, "forced", "Another", amend=True)
        git(system.repository, "branch", "-D", "deleted")
        change_rules(system, "As it was verified", "As it is now")
    for number, sha in zip(sent, seen.values(), strict=True):
        shown = succeeds(system, number)
        assert shown["sha"] == sha
        assert description_of(system, shown) == "As it was verified"
    succeeds(system, holder)
    shown = succeeds(system, in_line)
    assert shown["sha"] == seen["forced"]
    description_of(system, shown)
    # Whoever asks now gets what is there now.
    assert refused(deploy(system, "open", ref="deleted"))[0] == 422
    late = succeeds(system, deployed(system, "open", ref="forced"))
    assert late["sha"] == git(system.repository, "rev-parse", "forced")
    assert description_of(system, late) == "As it is now"


def test_an_approval_is_for_the_rules_that_were_shown(system: System) -> None:
    before = waiting_for_review(system, "rewritten", ref="feature/cart")
    change_rules(system, REWRITTEN, REWRITTEN.replace("was", "is").replace(*OTHERS))
    after = waiting_for_review(system, "rewritten", ref="feature/cart")
    assert before["sha"] == after["sha"]
    assert before["config_digest"] != after["config_digest"]
    taken_for_the_other = approve(system, before | pair_of(after), "reader")
    assert refused(taken_for_the_other) == (422, "entity_unprocessable")
    assert before["config_digest"] in taken_for_the_other.json()["message"]
    assert refused(approve(system, before, "admin"))[0] == 404
    assert approve(system, before, "reader").status_code == 200
    # One approval is for one deployment: the other has its own reviewer.
    assert refused(approve(system, after, "reader"))[0] == 404
    assert refused(send(system, after)) == (422, "deployment_not_approved")
    assert refused(send(system, before | pair_of(after)))[0] == 422
    assert send(system, before).status_code == 200
    assert approve(system, after, "admin").status_code == 200
    assert send(system, after).status_code == 200
    told = [
        description_of(system, succeeds(system, shown["number"]))
        for shown in (before, after)
    ]
    assert told == ["As it was shown", "As it is shown"]


def test_a_window_that_opens_stops_what_waits(system: System) -> None:
    first = deployed(system, "museum")
    second = number_of(deploy(system, "museum"))
    system.ends(second, "waiting_in_queue")
    shown = approved(system, "gallery")
    system.pass_time(OPENS_IN)
    succeeds(system, first)
    rejected = system.ends(second, "rejected")
    assert rejected["code"] == "deployment_frozen"
    assert "museum is frozen until" in rejected["message"]
    assert refused(send(system, shown)) == (422, "deployment_frozen")
    kept = system.deployment(shown["number"])
    assert (kept["phase"], kept["waits_for"]["approved"]) == ("waiting_for_review", 1)
    system.pass_time(HOLDS)
    assert send(system, shown).status_code == 200
    for number in (shown["number"], deployed(system, "museum")):
        succeeds(system, number)


def test_what_waited_goes_out_once_on_githubs_bad_day(system: System) -> None:
    holder = deployed(system, "line")
    in_line = number_of(deploy(system, "line"))
    shown = approved(system, "reviewed")
    system.faults(create_deployment={"bad_gateway_after_success": 2})
    system.tool_says(holder)
    send(system, shown, wait_s=0)
    for number in (in_line, shown["number"]):
        ended = succeeds(system, number)
        assert len(system.ours_at_github(ended["uuid"])) == 1
    system.no_faults()


def test_what_is_decided_while_github_is_away_goes_out_when_it_is_back(
    system: System,
) -> None:
    shown = approved(system, "reviewed")
    system.faults(answers={"unavailable": True})
    asked = number_of(deploy(system, "open", wait_s=0))
    send(system, shown, wait_s=0)
    eventually(lambda: system.deployment(shown["number"])["phase"], is_on_its_way)
    system.no_faults()
    for number in (shown["number"], asked):
        ended = succeeds(system, number)
        assert len(system.ours_at_github(ended["uuid"])) == 1


def is_on_its_way(phase: str) -> bool:
    return phase in {"verifying", "dispatching"}


def test_what_is_in_flight_goes_on_under_the_new_name(system: System) -> None:
    runs = deployed(system, "line")
    waits = number_of(deploy(system, "line"))
    shown = waiting_for_review(system, "reviewed")
    with paused(system, DISPATCHER):
        begins = number_of(deploy(system, "open", wait_s=0))
        system.ends(begins, "dispatching")
        rename(system, "octo/market")
    succeeds(system, runs)
    assert approve(system, shown, "reader").status_code == 200
    assert send(system, shown, wait_s=0).status_code == 202
    for number in (waits, begins, shown["number"]):
        ended = succeeds(system, number)
        assert len(system.ours_at_github(ended["uuid"])) == 1
    succeeds(system, deployed(system, "open"))
    rename(system, REPOSITORY)
    succeeds(system, deployed(system, "open"))
