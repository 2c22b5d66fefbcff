"""`deployers`, and who is meant by the names of a rule."""

from typing import Any

import pytest

from shared.contracts import Override, Person
from tests.unit.verifier.examples import ANN, request, rollback, rules, target
from verifier import checks
from verifier.domain.found import Named, People, Standing
from verifier.domain.people import asked_about, is_named, may_override, reviewers

BOB = Person(id=2, login="bob")
CAROL = Person(id=3, login="carol")
OVERRIDE = Override(checks=("frozen",), reason="It burns.")


def test_deployers_are_asked_about_only_where_they_are_named() -> None:
    for env in (rules(), None):
        assert checks.deployers(env, ANN, People()).state == "skipped"


@pytest.mark.parametrize(
    ("named", "people"),
    [
        ("Ann", People()),
        ("bob, ann", People()),
        ("'@octo/ops'", People(teams={"@octo/ops": (BOB, ANN)})),
        ("'@Octo/Ops'", People(teams={"@octo/ops": (Person(id=1, login="former"),)})),
    ],
)
def test_a_deployer_may_deploy(named: str, people: People) -> None:
    check = checks.deployers(rules(f"deployers: [{named}]"), ANN, people, "url")
    assert (check.state, check.url) == ("passed", "url")
    assert check.message == "ann is one of the deployers of production."


@pytest.mark.parametrize(
    ("named", "people"),
    [
        ("bob", People()),
        ("annie", People()),
        ("'@octo/ops'", People(teams={"@octo/ops": (BOB,)})),
        ("'@octo/ops'", People(teams={"@octo/ops": (Person(id=9, login="ann"),)})),
        ("'@octo/ops'", People(teams={"@octo/ops": ()})),
    ],
)
def test_others_may_not(named: str, people: People) -> None:
    check = checks.deployers(rules(f"deployers: [{named}]"), ANN, people)
    assert check.state == "failed"
    assert check.message == (
        "ann may not deploy to production: deploy.yml names its deployers: "
        f"{named.strip(chr(39))}. Ask one of them."
    )


def test_a_team_that_github_hides_lets_nobody_in_and_says_so() -> None:
    for people in (People(), People(teams={"@octo/ops": None})):
        check = checks.deployers(rules("deployers: [bob, '@octo/ops']"), ANN, people)
        assert check.state == "failed"
        assert check.message.endswith(
            "bob, @octo/ops. Ask one of them. GitHub shows no team @octo/ops to our "
            "token, which needs to read members of the organization."
        )


def test_nobody_is_named_by_no_names() -> None:
    assert not is_named(ANN, [], People())


ADMIN = People({"ann": Standing(ANN, "admin")})


@pytest.mark.parametrize(
    ("text", "people", "may"),
    [
        ("", ADMIN, True),
        ("", People({"ann": Standing(ANN, "write")}), False),
        ("", People({"ann": Standing(Person(id=9, login="ann"), "admin")}), False),
        ("", People({"ann": None}), False),
        ("", People(), False),
        ("overriders: [ann]", People(), True),
        ("overriders: [bob]", ADMIN, False),
        ("overriders: ['@octo/ops']", People(teams={"@octo/ops": (ANN,)}), True),
        ("overriders: ['@octo/ops']", People(teams={"@octo/ops": None}), False),
    ],
)
def test_who_may_override(text: str, people: People, may: bool) -> None:
    assert may_override(rules(text), request(override=OVERRIDE), people) is may
    assert not may_override(rules(text), request(), people), "nobody tries to"


def test_gitploys_own_token_overrides_where_nobody_is_named() -> None:
    own = request(override=OVERRIDE, requested_by=Person(id=0, login="gitploy"))
    assert may_override(rules(), own, People())
    assert asked_about(rules(), own) == Named()
    assert not may_override(rules("overriders: [ann]"), own, People())
    assert may_override(rules("overriders: [gitploy]"), own, People())


REVIEW = "review: {enabled: true, reviewers: [%s]}"


def test_reviewers_are_asked_one_by_one_and_the_requester_never() -> None:
    people = People(
        {"bob": Standing(BOB, "read"), "ann": Standing(ANN, "admin")},
        {"@octo/ops": (ANN, CAROL, BOB)},
    )
    told = reviewers(rules(REVIEW % "ann, bob, '@octo/ops'"), request(), people)
    assert told.asked == (BOB, CAROL)
    assert told.missing == ()


def test_who_can_not_be_asked_is_told_with_the_reason() -> None:
    people = People(
        {"dave": None, "erin": Standing(Person(id=5, login="erin"), "none")},
        {"@octo/ops": None, "@octo/new": ()},
    )
    named = "dave, erin, '@octo/ops', '@octo/new'"
    told = reviewers(rules(REVIEW % named), request(), people)
    assert told.asked == ()
    assert told.missing == (
        "nobody at GitHub is called dave",
        "erin has no access to the repository any more",
        "GitHub shows no team @octo/ops to our token",
        "@octo/new has no members",
    )


def test_not_everybody_is_asked() -> None:
    crowd = tuple(Person(id=n, login=f"p{n}") for n in range(10, 1_012))
    people = People(teams={"@octo/all": crowd})
    told = reviewers(rules(REVIEW % "'@octo/all'"), request(), people)
    assert told.asked == crowd[:1_000]
    assert told.missing == ("everybody beyond the first 1,000 people",)
    people = People(teams={"@octo/all": crowd[:1_000]})
    told = reviewers(rules(REVIEW % "'@octo/all'"), request(), people)
    assert (told.asked, told.missing) == (crowd[:1_000], ())


APPROVED = rollback(to=target(approved=True))


@pytest.mark.parametrize(
    ("text", "changes", "named"),
    [
        ("", {}, Named()),
        ("deployers: [ann, bob]", {}, Named()),
        ("deployers: [bob]", {}, Named()),
        ("deployers: [ANN, '@octo/ops']", {}, Named()),
        ("deployers: [bob, '@octo/ops']", {}, Named(teams=frozenset({"@octo/ops"}))),
        ("overriders: ['@octo/ops']", {}, Named()),
        (
            "overriders: ['@octo/ops']",
            {"override": OVERRIDE},
            Named(teams=frozenset({"@octo/ops"})),
        ),
        ("overriders: [ann, '@octo/ops']", {"override": OVERRIDE}, Named()),
        ("overriders: [bob]", {"override": OVERRIDE}, Named()),
        ("", {"override": OVERRIDE}, Named(frozenset({"ann"}))),
        ("review: {reviewers: [bob]}", {}, Named()),
        (
            REVIEW % "bob, ann, '@octo/ops'",
            {},
            Named(frozenset({"ann", "bob"}), frozenset({"@octo/ops"})),
        ),
        (
            f"deployers: ['@octo/dev'], overriders: ['@octo/ops'], {REVIEW % 'bob'}",
            {"override": OVERRIDE},
            Named(frozenset({"bob"}), frozenset({"@octo/dev", "@octo/ops"})),
        ),
    ],
)
def test_only_who_matters_is_asked_about(
    text: str, changes: dict[str, Any], named: Named
) -> None:
    assert asked_about(rules(text), request(**changes)) == named


def test_a_review_that_is_waived_asks_about_nobody() -> None:
    env = rules(REVIEW % "bob")
    assert not asked_about(env, APPROVED)
    assert asked_about(env, rollback())
    again = rules("review: {enabled: true, reviewers: [bob], on_rollback: require}")
    assert asked_about(again, APPROVED)
    assert reviewers(env, APPROVED, People({"bob": Standing(BOB, "read")})).asked == ()
