"""The list of the checks: in order, complete, and each told exactly once."""

import pytest

from shared.contracts import Check
from shared.testing import T0
from tests.unit.verifier.examples import found, request, resolution, rollback
from verifier import checks
from verifier.domain.judgement import judge
from verifier.domain.situation import Situation
from verifier.domain.wanted import Wanted

SKIPPED = "skipped"
OF_PEOPLE = (
    "config",
    "environment",
    "ref",
    "deployers",
    "deployable_ref",
    "up_to_date",
    "commit_checks",
    "needs",
    "frozen",
    "locked",
    "running",
    "payload",
    "review",
)


def answers(wanted: Wanted, text: str | None = None) -> tuple[Check, ...]:
    known = found() if text is None else found(text=text, sha=None)
    return judge(wanted, resolution(wanted, known), Situation(), T0)


def test_the_order() -> None:
    assert (*OF_PEOPLE, "auto_deploy", "superseded") == checks.ORDER


@pytest.mark.parametrize("wanted", [request(), rollback()])
def test_all_are_told_in_order(wanted: Wanted) -> None:
    assert tuple(c.code for c in answers(wanted)) == OF_PEOPLE


def test_an_auto_deploy_has_two_more() -> None:
    pushed = request(source="push", expected_sha="a" * 40)
    assert tuple(c.code for c in answers(pushed)) == checks.ORDER


def test_all_are_told_also_after_a_failure() -> None:
    told = answers(request(), "envs: 1")
    assert tuple(c.code for c in told) == OF_PEOPLE
    assert {c.code for c in told if c.state == "failed"} == {"config", "ref"}
    assert {c.code for c in told if c.state == "passed"} == {"locked"}


def test_a_plain_deployment_passes() -> None:
    states = {c.code: c.state for c in answers(request())}
    assert {code for code, state in states.items() if state == "passed"} == {
        "config",
        "environment",
        "ref",
        "commit_checks",
        "locked",
    }
    assert {s for s in states.values() if s != "passed"} == {"skipped"}


#: What is not asked of an environment of which `deploy.yml` gives only the name.
UNRULED = {
    "deployers": "deploy.yml lets everybody deploy to production",
    "deployable_ref": "production takes every ref",
    "up_to_date": "deploy.yml does not say `auto_merge: true`",
    "needs": "production needs no other environment first",
    "frozen": "production has no frozen windows",
    "running": "production has room for all (no `serialization: true`)",
    "payload": "production has no dynamic payload",
    "review": "production needs no review",
}


def unasked(told: tuple[Check, ...]) -> dict[str, str]:
    assert all(c.message.startswith("Not asked: ") for c in told if c.state == SKIPPED)
    return {
        c.code: c.message.removeprefix("Not asked: ").removesuffix(".")
        for c in told
        if c.state == SKIPPED
    }


def test_what_no_rule_asks_for_is_not_asked() -> None:
    assert unasked(answers(request())) == UNRULED


def test_without_rules_nothing_is_asked_that_they_decide() -> None:
    told = unasked(answers(request(), "envs: 1"))
    assert told.pop("environment") == "there is no valid deploy.yml"
    no_rules = "there are no rules for this environment"
    assert told == dict.fromkeys((*UNRULED, "commit_checks"), no_rules)


def test_a_rollback_goes_past_what_is_for_new_commits() -> None:
    past = {"deployable_ref", "up_to_date", "commit_checks", "needs", "frozen"}
    told = unasked(answers(rollback()))
    assert {c for c, t in told.items() if t == "a rollback goes past it"} == past


def test_a_push_is_told_what_else_concerns_it() -> None:
    told = {c.code: c for c in answers(request(source="push", expected_sha="a" * 40))}
    for code, message in (
        ("auto_deploy", "Pushes are deployed to production."),
        ("superseded", "Nothing newer takes its place."),
    ):
        assert (told[code].state, told[code].message) == ("passed", message)


def test_without_a_repository_the_ref_is_missing() -> None:
    resolved = resolution(request(), None)
    told = judge(request(), resolved, Situation(), T0)
    assert tuple(c.code for c in told) == OF_PEOPLE
    (failed,) = (c for c in told if c.state == "failed")
    assert failed.code == "ref"
    assert failed.message == (
        "GitHub shows no repository octo/shop to our token: it is gone, or the token "
        "may not read it."
    )
    assert {c.message for c in resolved.checks if c.code != "ref"} == {
        "Not asked: there is no repository."
    }
    assert resolved.page == ""


def test_every_answer_is_a_sentence() -> None:
    for wanted in (request(), rollback(), request(source="push")):
        for text in (None, "envs: 1", "envs: []"):
            for check in answers(wanted, text):
                assert check.message.endswith(".") or "mistake" in check.message
