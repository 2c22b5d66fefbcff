"""The list of the checks: in order, complete, and each told exactly once."""

import pytest

from shared.contracts import Check
from shared.testing import T0
from tests.unit.verifier.examples import found, request, resolution, rollback
from verifier import checks
from verifier.domain.judgement import judge
from verifier.domain.situation import Situation
from verifier.domain.wanted import Wanted

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


def test_every_answer_is_a_sentence() -> None:
    for wanted in (request(), rollback(), request(source="push")):
        for text in (None, "envs: 1", "envs: []"):
            for check in answers(wanted, text):
                assert check.message.endswith(".") or "mistake" in check.message
