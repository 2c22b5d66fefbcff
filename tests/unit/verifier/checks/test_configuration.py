"""`config` and `environment`: are there rules to go by?"""

import pytest

from shared.contracts import Check, Person
from shared.deploy_yml import Rules
from tests.unit.verifier.examples import (
    ANN,
    FORMER,
    HEAD,
    PAGE,
    found,
    request,
    resolution,
    rollback,
    target,
)
from verifier import checks
from verifier.domain.found import File, Found, People, Standing
from verifier.domain.wanted import Wanted

INSTEAD = "So the rules are those by which #7 was deployed."
BOB = Person(id=2, login="bob")
KNOWN = People({"bob": Standing(BOB, "read"), "carol": None, "ann": None})


def answers(
    found: Found, wanted: Wanted | None = None, people: People | None = None
) -> dict[str, Check]:
    told = resolution(wanted or request(), found, people=people)
    return {c.code: c for c in told.checks}


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            found(text="envs:\n- name: a\n  foo: 1\nbar: 2"),
            (
                "deploy.yml at the head of main (bbbbbbb) has 2 mistakes: line 3, "
                "column 3: unknown field `foo`; line 4, column 1: unknown field `bar`."
            ),
        ),
        (
            found(config_file=None),
            (
                "There is no deploy.yml at the head of main (bbbbbbb). Rules are read "
                "from there, whatever is deployed: add the file."
            ),
        ),
        (
            found(config_file=None, config_path="ops/eu.yml"),
            (
                "There is no ops/eu.yml at the head of main (bbbbbbb). Rules are read "
                "from there, whatever is deployed: add the file."
            ),
        ),
        (
            found(config_file=File(None)),
            "deploy.yml at the head of main (bbbbbbb) is too large, or not text.",
        ),
        (
            found(head=None, default_branch=None, config_file=None),
            "octo/shop has no commit on a default branch yet: push one.",
        ),
    ],
)
def test_config_fails(known: Found, message: str) -> None:
    check = answers(known)["config"]
    assert check.state == "failed"
    assert check.message == message


def test_config_passes() -> None:
    check = answers(found(config_path="ops/eu.yml"))["config"]
    assert (check.state, check.url) == ("passed", f"{PAGE}/blob/{HEAD}/ops/eu.yml")
    assert check.message == "ops/eu.yml at the head of main is valid."


def test_a_mistake_links_to_its_line() -> None:
    check = answers(found(text="envs:\n- name: a\n  foo: 1"))["config"]
    assert (check.url or "").endswith("deploy.yml#L3")
    assert "at the head of main (bbbbbbb) has a mistake: line 3, " in check.message


def test_an_environment_that_is_defined_links_to_its_line() -> None:
    check = answers(found())["environment"]
    assert (check.state, check.message) == ("passed", "deploy.yml defines production.")
    assert check.url == f"{PAGE}/blob/{HEAD}/deploy.yml#L2"


def test_an_undefined_environment_names_those_that_are_defined() -> None:
    told = answers(found(), request(environment="Staging"))["environment"]
    assert told.state == "failed"
    assert told.message == (
        "deploy.yml at the head of main defines no environment Staging, but: "
        "production, staging. Write it exactly so: staging."
    )


def test_without_rules_no_environment_is_looked_for() -> None:
    assert answers(found(text="envs: 1"))["environment"].state == "skipped"


@pytest.mark.parametrize(
    "broken",
    [
        found(text="envs: 1", sha=FORMER),
        found(config_file=None, sha=FORMER),
        found(head=None, default_branch=None, config_file=None, sha=FORMER),
    ],
)
def test_a_rollback_does_without_a_file_and_says_so(broken: Found) -> None:
    resolved = resolution(rollback(), broken)
    told = {c.code: c for c in resolved.checks}
    assert told["config"].state == "warning"
    assert told["config"].message.endswith(INSTEAD)
    assert told["environment"].state == "skipped"
    assert resolved.config == target().config
    assert resolved.rules
    assert resolved.rules.name == "production"


def test_a_rollback_does_without_its_environment_and_says_so() -> None:
    resolved = resolution(rollback(), found(text="envs: [{name: dev}]", sha=FORMER))
    told = {c.code: c for c in resolved.checks}
    assert told["config"].state == "passed"
    assert told["environment"].state == "warning"
    assert told["environment"].message == (
        f"deploy.yml at the head of main defines no environment production, but: dev. "
        f"{INSTEAD}"
    )
    assert resolved.config == target().config


def test_rules_are_read_for_a_deployment_unless_it_is_a_rollback() -> None:
    known = found(text='envs: [{name: a, task: "${GITPLOY_IS_ROLLBACK}:"}]')
    for told, task in (
        (checks.read_rules(known), "false:"),
        (checks.read_rules(known, rollback=True), "true:"),
    ):
        assert isinstance(told, Rules)
        assert told.envs["a"].task == task


REVIEWED = (
    "envs: [{name: production, review: {enabled: true, reviewers: [%s], required: %d}}]"
)


def dead_end(reviewers: str, required: int = 1) -> Check:
    known = found(text=REVIEWED % (reviewers, required))
    return answers(known, request(), KNOWN)["config"]


def test_a_review_that_somebody_can_give_is_no_mistake() -> None:
    assert dead_end("bob").state == "passed"
    assert dead_end("bob, carol").state == "passed"


def test_a_review_that_nobody_can_give_is_a_mistake_of_the_rules() -> None:
    check = dead_end("carol")
    assert check.state == "failed"
    assert check.message == (
        "deploy.yml asks for 1 approval in production, and nobody can give one: nobody "
        "at GitHub is called carol; ann asks for the deployment, and can't approve it, "
        "too. Name more people in `review.reviewers`."
    )
    assert check.url == f"{PAGE}/blob/{HEAD}/deploy.yml#L1"


def test_a_review_that_too_few_can_give_is_one_too() -> None:
    assert "asks for 2 approvals in production, and only bob can give one" in (
        dead_end("bob, carol", required=2).message
    )


def test_who_asks_for_a_deployment_can_not_approve_it() -> None:
    people = People({"ann": Standing(ANN, "admin")})
    known = found(text=REVIEWED % ("ann", 1))
    assert answers(known, request(), people)["config"].state == "failed"
    other = request(requested_by=BOB)
    assert answers(known, other, people)["config"].state == "passed"


NOBODY = "Nobody can approve it."
FILE = f"{PAGE}/blob/{HEAD}/deploy.yml"


def test_a_dead_end_links_to_the_file_or_to_its_mistake() -> None:
    known = found()
    check = checks.config(known, checks.read_rules(known), dead_end=NOBODY)
    assert (check.state, check.message, check.url) == ("failed", NOBODY, FILE)
    broken, to = found(text="envs: 1"), target()
    rules = checks.read_rules(broken)
    check = checks.config(broken, rules, target=to, dead_end=NOBODY)
    assert (check.state, check.url) == ("failed", f"{FILE}#L1")
    assert check.message.endswith(f"{INSTEAD} {NOBODY}")


def test_without_a_file_the_answer_links_to_the_repository() -> None:
    known = found(config_file=None)
    assert checks.config(known, checks.read_rules(known)).url == PAGE


def test_no_environment_at_all_is_told_as_none() -> None:
    known = found(text="envs: []")
    check = checks.environment(known, checks.read_rules(known), "dev")
    assert check.message.endswith("defines no environment dev, but: none.")
