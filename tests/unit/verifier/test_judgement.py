"""All answers at one moment: what is pinned, and what hangs on the moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts import (
    Approval,
    Check,
    DeployRequested,
    Holder,
    Override,
    Person,
)
from shared.testing import T0
from tests.unit.verifier.examples import (
    FORMER,
    HEAD,
    MAIN,
    PAGE,
    SECOND,
    SHA,
    YAML,
    contexts,
    found,
    request,
    resolution,
    rollback,
    target,
)
from verifier import checks
from verifier.domain.found import People, Standing
from verifier.domain.judgement import judge
from verifier.domain.resolution import answer_checks
from verifier.domain.situation import Foreign, Held, Hold, Lock, Situation

BOB = Person(id=2, login="bob")
STRICT = """\
envs:
  - name: production
    serialization: true
    auto_merge: true
    needs: [staging]
    deployable_ref: main
    overriders: [ann]
    frozen_windows: [{start: "0 9 * * MON", duration: 1h}]
    review: {enabled: true, reviewers: [bob], emergency: true}
  - name: staging
"""
PEOPLE = People({"bob": Standing(BOB, "write")})
BUSY = Situation(
    held=Held(Holder(deployment_id=str(SECOND), number=12, since=T0), MAIN, BOB),
    lock=Lock(BOB, "Migration", None, T0),
    hold=Hold(11, BOB, T0),
)
FREE = Situation(succeeded={"staging": {SHA: T0 - timedelta(days=1)}})
NIGHT = datetime(2026, 1, 6, 2, tzinfo=UTC)
RED = found(text=STRICT, behind_by=3, contexts=contexts(ci="failure"))
GREEN = found(text=STRICT)
APPROVED = (Approval(reviewer=BOB, approved_at=T0),)


def states(told: tuple[Check, ...]) -> dict[str, str]:
    return {c.code: c.state for c in told}


def refusing(told: tuple[Check, ...]) -> list[str]:
    return [c.code for c in told if checks.refuses(c)]


def judged(wanted: DeployRequested, situation: Situation = BUSY) -> tuple[Check, ...]:
    return judge(wanted, resolution(wanted, RED, people=PEOPLE), situation, T0)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    assert refusing(judged(request())) == [
        "up_to_date",
        "commit_checks",
        "needs",
        "frozen",
        "locked",
        "running",
        "review",
    ]


def test_everything_that_may_be_is_overridden_by_an_overrider() -> None:
    override = Override(checks=tuple(checks.ORDER), reason="It burns.")
    told = judged(request(override=override))
    assert refusing(told) == []
    assert [c.code for c in told if c.state == "overridden"] == [
        *sorted(checks.OVERRIDABLE, key=checks.ORDER.index),
        "review",
    ]


def test_others_override_nothing() -> None:
    override = Override(checks=tuple(checks.ORDER), reason="It burns.")
    told = judged(request(override=override, requested_by=BOB))
    assert "up_to_date" in refusing(told)
    assert "overridden" not in states(told).values()
    assert all(
        "Only ann may override this." in c.message for c in told if c.code == "frozen"
    )


def test_when_all_is_well() -> None:
    resolved = resolution(request(), GREEN, people=PEOPLE)
    told = judge(request(), resolved, FREE, NIGHT, approvals=APPROVED)
    assert refusing(told) == []
    assert {states(told)[code] for code in ("needs", "frozen", "review")} == {"passed"}


def test_the_newest_word_on_the_commits_checks_counts() -> None:
    resolved = resolution(request(), GREEN, people=PEOPLE)
    newer = answer_checks(resolved, SHA, contexts(ci="failure"), T0).check
    answers = [newer if c.code == newer.code else c for c in resolved.checks]
    told = judge(request(), resolved, FREE, NIGHT, answers=answers, approvals=APPROVED)
    assert refusing(told) == ["commit_checks"]


def test_a_rollback_is_held_back_by_people_and_by_who_runs() -> None:
    wanted = rollback(to=target(approved=True))
    known = replace(RED, sha=FORMER)
    told = judge(wanted, resolution(wanted, known, people=PEOPLE), BUSY, T0)
    assert refusing(told) == ["locked", "running"]
    skipped = [c.code for c in told if c.state == "skipped"]
    assert skipped == [
        "deployers",
        "deployable_ref",
        "up_to_date",
        "commit_checks",
        "needs",
        "frozen",
        "payload",
        "review",
    ]


@pytest.mark.parametrize("wanted", [request(), request(source="push"), rollback()])
@pytest.mark.parametrize("text", [STRICT, YAML, "envs: [{name: staging}]", "envs: ["])
def test_each_answer_leads_to_where_it_can_be_looked_up(
    wanted: DeployRequested, text: str
) -> None:
    for known in (found(text=text), found(text=text, sha=None, kinds=frozenset())):
        for situation in (BUSY, FREE):
            told = judge(wanted, resolution(wanted, known), situation, T0)
            assert [c.code for c in told if not (c.url or "").startswith(PAGE)] == []


def test_what_has_no_page_of_its_own_leads_to_the_rules_of_the_environment() -> None:
    told = {c.code: c for c in judged(request())}
    line = f"{PAGE}/blob/{HEAD}/deploy.yml#L2"
    assert {told[code].url for code in ("needs", "frozen", "locked", "review")} == {
        line
    }
    assert told["ref"].url == f"{PAGE}/commit/{SHA}", "and what has one keeps it"
    broken = resolution(request(), found(text="envs: ["))
    told = {c.code: c for c in judge(request(), broken, FREE, T0)}
    assert told["environment"].url == told["frozen"].url == told["config"].url


def test_without_a_file_of_rules_all_leads_to_the_repository() -> None:
    resolved = resolution(request(), GREEN)
    bare = tuple(c.model_copy(update={"url": None}) for c in resolved.checks)
    told = judge(request(), resolved, FREE, T0, answers=bare)
    assert {c.url for c in told if c.code == "frozen"} == {PAGE}
    nowhere = resolved.model_copy(update={"page": ""})
    told = judge(request(), nowhere, FREE, T0, answers=bare)
    assert {c.url for c in told if c.code == "frozen"} == {None}


def test_it_is_told_who_can_not_be_asked_for_a_review() -> None:
    resolved = resolution(request(), GREEN, people=PEOPLE)
    known = resolved.model_copy(update={"missing_reviewers": ("eve has left",)})
    told = judge(request(), known, FREE, NIGHT, approvals=APPROVED)
    (review,) = (c for c in told if c.code == "review")
    assert review.state == "warning"
    assert review.message.endswith("Can't be asked: eve has left.")


def test_a_rollback_to_what_nobody_approved_is_reviewed() -> None:
    known = replace(RED, sha=FORMER)
    told = judge(rollback(), resolution(rollback(), known, people=PEOPLE), FREE, T0)
    assert refusing(told) == ["review"]


def test_an_auto_deploy_stands_still_after_a_rollback() -> None:
    pushed = request(source="push", expected_sha=SHA)
    assert "auto_deploy" in refusing(judged(pushed))
    assert "auto_deploy" not in refusing(judged(pushed, FREE))
    assert "auto_deploy" not in states(judged(request()))


@pytest.mark.parametrize("source", ["push", "api"])
def test_who_waits_gives_way_to_a_newer_one(source: str) -> None:
    wanted = request(source=source, expected_sha=SHA)
    resolved = resolution(wanted, GREEN, people=PEOPLE)
    told = judge(wanted, resolved, FREE, NIGHT, approvals=APPROVED, superseded_by=13)
    assert refusing(told) == ["superseded"]


def test_one_that_was_made_at_github_is_shown() -> None:
    resolved = resolution(request(), GREEN, people=PEOPLE)
    situation = replace(FREE, foreign=(Foreign(4001, "main", BOB, T0),))
    told = judge(request(), resolved, situation, NIGHT, approvals=APPROVED)
    assert refusing(told) == []
    assert states(told)["running"] == "warning"


def test_the_owner_of_the_lock_deploys() -> None:
    wanted = request(requested_by=BOB)
    locked = Situation(lock=BUSY.lock)
    told = judge(wanted, resolution(wanted, found()), locked, T0)
    assert refusing(told) == []
    assert refusing(judge(request(), resolution(request(), found()), locked, T0)) == [
        "locked"
    ]
