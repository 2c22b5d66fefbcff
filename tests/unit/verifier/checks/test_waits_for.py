"""Who or what an answer hangs on, for programs: the sentence says it to people."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from shared.contracts import Check, Holder, Person
from shared.testing import T0
from tests.unit.verifier.examples import ANN, MAIN, PAGE, SHA, contexts, rules
from verifier import checks
from verifier.domain.found import Contexts
from verifier.domain.situation import Foreign, Held, Lock

BOB = Person(id=2, login="bob")
HOUR = timedelta(hours=1)
HELD = Held(Holder(deployment_id="d", number=12, since=T0), MAIN, BOB)
SOAKING = rules("needs: [staging], soak: 1h")
REVIEWED = rules("review: {enabled: true, reviewers: [bob]}")
FROZEN = rules('frozen_windows: [{start: "0 9 5 1 *", duration: 2h, location: UTC}]')


def reported(told: Contexts, *, first_by: datetime | None = None) -> Check:
    return checks.commit_checks(told, rules(), SHA, PAGE, first_by=first_by)


def needs(at: datetime) -> Check:
    return checks.needs(SOAKING, SHA, {"staging": {SHA: at}}, T0)


def foreign(text: str) -> Check:
    return checks.running(None, rules(text), PAGE, [Foreign(4001, "v1", ANN, T0)])


@pytest.mark.parametrize(
    ("answer", "names", "until"),
    [
        (lambda: reported(contexts(a="queued", b="success")), ["a"], None),
        (lambda: reported(contexts(a="queued", b="failure")), ["b", "a"], None),
        (lambda: reported(contexts(a="success")), [], None),
        (lambda: reported(contexts(), first_by=T0), [], T0),
        (lambda: checks.needs(SOAKING, SHA, {}, T0), ["staging"], None),
        (lambda: needs(T0 - HOUR / 2), ["staging"], T0 + HOUR / 2),
        (lambda: needs(T0 - HOUR), [], None),
        (lambda: checks.frozen(FROZEN, T0), [], T0 + 2 * HOUR),
        (lambda: checks.locked(Lock(BOB, "", None, T0), ANN, "p"), ["bob"], None),
        (
            lambda: checks.locked(Lock(BOB, "", T0 + HOUR, T0), ANN, "p"),
            ["bob"],
            T0 + HOUR,
        ),
        (
            lambda: checks.running(HELD, rules("serialization: true"), PAGE),
            ["#12"],
            None,
        ),
        (lambda: foreign("foreign: hold"), ["v1"], None),
        (lambda: foreign("foreign: warn"), [], None),
        (
            lambda: checks.review(REVIEWED, [BOB], (), ANN, missing=(), waived=False),
            ["bob"],
            None,
        ),
    ],
)
def test_an_answer_names_who_or_what_has_to_move(
    answer: Callable[[], Check], names: list[str], until: datetime | None
) -> None:
    check = answer()
    assert (list(check.waits_for), check.until) == (names, until)


def test_what_needs_another_environment_first_does_not_pass_by_itself() -> None:
    text = "needs: [staging, dev], soak: 1h}, {name: dev"
    check = checks.needs(rules(text), SHA, {"staging": {SHA: T0}}, T0)
    assert (check.waits_for, check.until) == (("dev", "staging"), None)


def test_it_has_soaked_when_the_last_one_has() -> None:
    text = "needs: [staging, dev], soak: 1h}, {name: dev"
    succeeded = {"staging": {SHA: T0}, "dev": {SHA: T0 - HOUR / 2}}
    check = checks.needs(rules(text), SHA, succeeded, T0)
    assert check.until == T0 + HOUR


def test_names_are_cut_like_in_the_sentence() -> None:
    many = contexts(
        **{f"c{n}": "queued" for n in range(30)}, **{"x\x1b" * 99: "queued"}
    )
    check = reported(many)
    assert len(check.waits_for) == 20
    only = reported(contexts(**{"x\x1b" * 99: "queued"}))
    (name,) = only.waits_for
    assert len(name) == 101
    assert name.isprintable()
