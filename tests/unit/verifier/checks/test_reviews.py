"""`review`: have those who are asked agreed?"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Approval, Check, Person
from shared.deploy_yml import Env
from shared.testing import T0
from tests.unit.verifier.examples import ANN, FORMER, SHA, rules
from verifier import checks

BOB = Person(id=2, login="bob")
CAROL = Person(id=3, login="carol")
DAVE = Person(id=4, login="dave")
TWO = rules("review: {enabled: true, reviewers: [bob, carol, dave], required: 2}")


def approvals(*people: Person) -> tuple[Approval, ...]:
    return tuple(Approval(reviewer=p, approved_at=T0) for p in people)


def review(
    *agreed: Person,
    env: Env | None = TWO,
    asked: Sequence[Person] = (BOB, CAROL, DAVE),
    missing: Sequence[str] = (),
    waived: bool = False,
) -> Check:
    return checks.review(
        env, asked, approvals(*agreed), ANN, missing=missing, waived=waived
    )


def test_a_review_is_asked_for_only_where_it_is_wanted() -> None:
    off = rules("review: {enabled: false, reviewers: [bob]}")
    for env in (None, rules(), off):
        assert review(env=env).state == "skipped"


def test_what_was_approved_before_needs_no_review() -> None:
    check = review(waived=True)
    assert check.state == "skipped"
    told = "Not asked: a rollback to a commit that was approved here before."
    assert check.message == told


def test_all_who_can_not_be_asked_are_named() -> None:
    told = review(BOB, CAROL, missing=["eve has left", "mel may not read it"]).message
    assert told.endswith(". Can't be asked: eve has left; mel may not read it.")


@pytest.mark.parametrize(
    ("agreed", "message"),
    [
        ((), "0 of 2 approvals. Waits for bob, carol, dave."),
        ((CAROL,), "1 of 2 approvals (carol). Waits for bob, dave."),
        ((CAROL, CAROL), "1 of 2 approvals (carol). Waits for bob, dave."),
        ((ANN, CAROL), "1 of 2 approvals (carol). Waits for bob, dave."),
        (
            (Person(id=9, login="bob"), CAROL),
            "1 of 2 approvals (carol). Waits for bob, dave.",
        ),
    ],
)
def test_whom_it_waits_for(agreed: tuple[Person, ...], message: str) -> None:
    check = review(*agreed)
    assert (check.state, check.message) == ("pending", message)


def test_nobody_is_left_to_be_asked() -> None:
    check = review(asked=(), missing=[GONE])
    assert check.message == (
        f"0 of 2 approvals. Nobody else is asked. Can't be asked: {GONE}."
    )


def test_enough_have_agreed() -> None:
    check = review(DAVE, BOB)
    assert (check.state, check.message) == ("passed", "2 of 2 approvals: bob, dave.")
    assert review(BOB, CAROL, DAVE).message == "2 of 2 approvals: bob, carol, dave."


def test_the_requester_never_counts_also_if_asked() -> None:
    check = review(ANN, BOB, asked=(ANN, BOB, CAROL))
    assert check.state == "pending"
    assert check.message == "1 of 2 approvals (bob). Waits for carol."


GONE = "nobody at GitHub is called erin"


def test_who_can_not_be_asked_is_told_while_it_waits_and_after() -> None:
    check = review(BOB, missing=[GONE])
    assert check.state == "pending"
    assert check.message.endswith(f"Waits for carol, dave. Can't be asked: {GONE}.")
    check = review(BOB, CAROL, missing=[GONE])
    assert check.state == "warning"
    assert check.message == f"2 of 2 approvals: bob, carol. Can't be asked: {GONE}."


def test_approvals_of_something_else_are_none() -> None:
    check = checks.other_commit(FORMER, SHA)
    assert check.state == "failed"
    assert check.message == (
        "The approvals are for ddddddd, and not for aaaaaaa under the rules that it "
        "was verified by: look at the deployment again, and approve that."
    )
    rules_ = checks.other_commit(SHA, SHA).message
    assert rules_.startswith("The approvals are for aaaaaaa under other rules, and not")


people = st.builds(
    Person, id=st.integers(1, 6), login=st.sampled_from(["ann", "bob", "carol"])
)


@given(st.lists(people), st.lists(people), st.integers(1, 4))
def test_only_enough_different_people_who_were_asked_let_it_pass(
    asked: list[Person], agreed: list[Person], required: int
) -> None:
    text = f"review: {{enabled: true, reviewers: [a, b, c, d], required: {required}}}"
    distinct = list({p.id: p for p in asked}.values())
    check = review(*agreed, env=rules(text), asked=distinct)
    counted = {p.id for p in agreed} & {p.id for p in asked} - {ANN.id}
    assert checks.refuses(check) == (len(counted) < required)
