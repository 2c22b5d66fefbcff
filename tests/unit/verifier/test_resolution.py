"""What is pinned of GitHub's answer, kept, and read again."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.contracts import Fact, Override, Person, PinnedConfig, PinnedReview, Ref
from shared.deploy_yml import Env, Review
from shared.testing import T0
from tests.unit.verifier.examples import (
    ANN,
    FORMER,
    HEAD,
    SHA,
    contexts,
    found,
    request,
    resolution,
    rollback,
    rules,
    target,
)
from verifier.domain.found import People, Standing
from verifier.domain.pinning import rules_of
from verifier.domain.resolution import FIRST_CHECK, RefResolved, answer_checks

BOB = Person(id=2, login="bob")
RULES = """\
envs:
  - name: production
    task: deploy:eu
    description: The shop
    payload: {a: 1}
    production_environment: true
    serialization: true
    queue: latest
    ref_at_github: name
    timeout: 10m
    soak: 1h30m
    needs: [staging]
    deployers: [ann, "@octo/ops"]
    overriders: [bob]
    deployable_ref: main
    ignore_contexts: [rabbit]
    frozen_windows: [{start: "0 18 * * FRI", duration: 62h, location: Europe/Berlin}]
    dynamic_payload: {enabled: true, inputs: {b: {type: number, default: 2}}}
    review: {enabled: true, reviewers: [bob, carol], timeout: 2d}
  - name: staging
"""
KNOWN = People({"bob": Standing(BOB, "read"), "carol": None})
OVERRIDE = Override(checks=("frozen",), reason="It burns.")


def test_commit_rules_and_people_are_pinned() -> None:
    resolved = resolution(request(), found(text=RULES), people=KNOWN)
    assert resolved.sha == SHA
    assert resolved.rules
    assert resolved.rules.soak == timedelta(hours=1.5)
    assert resolved.reviewers == (BOB,)
    assert resolved.missing_reviewers == ("nobody at GitHub is called carol",)
    assert resolved.config == PinnedConfig(
        commit=HEAD,
        digest=resolved.rules.digest,
        environment="production",
        task="deploy:eu",
        description="The shop",
        payload={"b": 2},
        production_environment=True,
        serialization=True,
        ref_at_github="name",
        timeout_s=600,
        deployers=("ann", "@octo/ops"),
        overriders=("bob",),
        review=PinnedReview(reviewers=("bob", "carol"), timeout_s=172_800),
    )


@pytest.mark.parametrize(
    "review",
    [
        "enabled: false, required: 2, reviewers: [bob, carol]",
        "enabled: true, reviewers: [bob]",
        (
            "enabled: true, reviewers: [bob, '@octo/ops'], required: 2, timeout: 3d, "
            "on_approval: deploy, on_rollback: require, emergency: true"
        ),
    ],
)
def test_a_review_is_pinned_as_it_was_asked_for(review: str) -> None:
    asked = rules(f"review: {{{review}}}").review
    config = resolution(
        request(), found(text=f"envs: [{{name: production, review: {{{review}}}}}]")
    ).config
    assert config
    again = rules_of(PinnedConfig.model_validate_json(config.model_dump_json()))
    assert again.review == (asked if asked.enabled else Review())


def test_what_is_pinned_are_the_rules_for_a_rollback() -> None:
    config = resolution(request(), found(text=RULES)).config
    assert config
    assert rules_of(config) == Env(
        name="production",
        task="deploy:eu",
        description="The shop",
        payload={"b": 2},
        production_environment=True,
        serialization=True,
        ref_at_github="name",
        timeout=timedelta(minutes=10),
        deployers=["ann", "@octo/ops"],
        overriders=["bob"],
        review=Review(
            enabled=True, reviewers=["bob", "carol"], timeout=timedelta(days=2)
        ),
    )


def test_what_was_pinned_before_reviews_were_asks_for_none() -> None:
    old = PinnedConfig.model_validate_json(json.dumps(OLD["config"]))
    assert old.review is None
    assert not rules_of(old).review.enabled


def test_what_is_kept_is_read_again_as_it_was() -> None:
    resolved = resolution(request(), found(text=RULES), people=KNOWN)
    kept = resolved.model_dump_json()
    again = RefResolved.model_validate_json(kept)
    assert again == resolved
    assert again.rules
    assert again.rules.digest == json.loads(kept)["config"]["digest"]


OLD: dict[str, Any] = {
    "repository": {"id": 7, "full_name": "octo/shop"},
    "page": "https://github.com/octo/shop",
    "sha": SHA,
    "config": {
        "commit": HEAD,
        "digest": "f" * 64,
        "environment": "staging",
        "serialization": True,
    },
    "required_contexts": ["ci"],
    "checks": [
        {"code": "ref", "state": "passed", "message": "There."},
        {"code": "commit_checks", "state": "passed", "message": "1 of 1."},
    ],
    "resolved_at": "2026-01-05T09:00:00Z",
}


def test_a_fact_of_before_has_the_rules_that_it_pinned() -> None:
    old = RefResolved.model_validate_json(json.dumps(OLD))
    assert old.rules == Env(
        name="staging", serialization=True, required_contexts=["ci"]
    )
    assert (old.reviewers, old.may_override, old.first_check_by) == ((), False, None)
    assert old.hangs_on_checks
    check = answer_checks(old, SHA, contexts(other="success"), T0).check
    assert check.state == "pending"
    assert "ci (absent)" in check.message


def test_a_fact_of_before_without_rules_has_none() -> None:
    told = {**OLD, "config": None, "required_contexts": None}
    old = RefResolved.model_validate_json(json.dumps(told))
    assert old.rules is None


@pytest.mark.parametrize("text", ["envs: 1", "envs: []"])
def test_without_rules_nothing_is_pinned(text: str) -> None:
    resolved = resolution(request(), found(text=text))
    assert (resolved.rules, resolved.config) == (None, None)
    assert not resolved.hangs_on_checks


def test_without_a_repository_nothing_is_pinned() -> None:
    resolved = resolution(request(), None)
    assert (resolved.sha, resolved.rules, resolved.config) == (None, None, None)
    assert not resolved.hangs_on_checks


def test_who_does_not_try_to_override_is_no_overrider() -> None:
    text = "envs: [{name: production, overriders: [ann]}]"
    tried = resolution(request(override=OVERRIDE), found(text=text))
    assert tried.may_override
    assert not resolution(request(), found(text=text)).may_override


def test_a_rollback_skips_what_does_not_hold_it_back() -> None:
    known = found(text=RULES, sha=FORMER, behind_by=9, contexts=contexts(a="failure"))
    told = {c.code: c.state for c in resolution(rollback(), known).checks}
    skipped = ("deployable_ref", "up_to_date", "commit_checks", "payload")
    assert {told[code] for code in skipped} == {"skipped"}
    assert told["deployers"] == "passed"


def test_a_rollback_by_the_rules_of_its_target_asks_for_its_deployers() -> None:
    config = target().config.model_copy(update={"deployers": ("bob",)})
    wanted = rollback(to=target(config=config))
    told = {c.code: c for c in resolution(wanted, found(text="envs: 1")).checks}
    assert told["deployers"].state == "failed"
    assert "deploy.yml names its deployers: bob" in told["deployers"].message


def test_a_rollback_reads_the_rules_for_a_rollback() -> None:
    text = """\
envs:
  - name: production
    task: "${GITPLOY_DEPLOY_TASK}${GITPLOY_ROLLBACK_TASK}"
"""
    for wanted, task in ((request(), "deploy"), (rollback(), "rollback")):
        config = resolution(wanted, found(text=text)).config
        assert config
        assert config.task == task


def test_a_review_of_a_rollback_is_asked_for_as_its_rule_says() -> None:
    again = RULES.replace("timeout: 2d", "timeout: 2d, on_rollback: require")
    approved = rollback(to=target(approved=True))
    for wanted, text, asked in (
        (approved, RULES, ()),
        (rollback(), RULES, (BOB,)),
        (approved, again, (BOB,)),
    ):
        resolved = resolution(wanted, found(text=text), people=KNOWN)
        assert resolved.reviewers == asked


REVIEWED = (
    "envs: [{name: production, review: {enabled: true, reviewers: [carol], "
    "emergency: %s}, overriders: [%s]}]"
)


@pytest.mark.parametrize(
    ("emergency", "overriders", "override", "state"),
    [
        ("true", "ann", Override(checks=("review",), reason="It burns."), "passed"),
        ("true", "ann", Override(checks=("review",), reason=" "), "failed"),
        ("true", "ann", OVERRIDE, "failed"),
        ("true", "ann", None, "failed"),
        ("true", "bob", Override(checks=("review",), reason="It burns."), "failed"),
        ("false", "ann", Override(checks=("review",), reason="It burns."), "failed"),
    ],
)
def test_a_dead_end_has_a_way_out_only_in_an_emergency(
    emergency: str, overriders: str, override: Override | None, state: str
) -> None:
    known = found(text=REVIEWED % (emergency, overriders))
    resolved = resolution(request(override=override), known, people=KNOWN)
    assert resolved.checks[0].state == state


def test_an_auto_deploy_awaits_a_first_check_for_a_while() -> None:
    pushed = request(source="push", expected_sha=SHA)
    none_yet = found(contexts=contexts())
    resolved = resolution(pushed, none_yet)
    assert resolved.first_check_by == T0 + FIRST_CHECK == T0 + timedelta(minutes=2)
    told = {c.code: c.state for c in resolved.checks}
    assert told["commit_checks"] == "pending"
    for later, state in ((119, "pending"), (120, "passed")):
        now = T0 + timedelta(seconds=later)
        assert answer_checks(resolved, SHA, contexts(), now).check.state == state
    by_hand = resolution(request(), none_yet)
    assert {c.code: c.state for c in by_hand.checks}["commit_checks"] == "passed"


def test_what_has_not_finished_is_kept_by_name() -> None:
    resolved = resolution(request(), found(contexts=contexts(a="queued", b="success")))
    assert resolved.unfinished == ("a",)
    answered = answer_checks(resolved, SHA, contexts(a="success", b="queued"), T0)
    assert answered.unfinished == ("b",)
    assert answer_checks(resolved, SHA, None, T0).unfinished == ()


def test_what_hangs_on_the_checks_of_the_commit() -> None:
    no_checks = "envs: [{name: production, required_contexts: []}]"
    behind = "envs: [{name: production, auto_merge: true}]"
    for known, hangs in (
        (found(), True),
        (found(text=behind, behind_by=3), True),
        (found(text=no_checks), False),
        (found(sha=None), False),
        (found(text="envs: []"), False),
    ):
        assert resolution(request(), known).hangs_on_checks is hangs
    other = Ref(type="tag", name="v1")
    known = found(kinds=frozenset({"branch", "tag"}))
    assert not resolution(request(ref=other), known).hangs_on_checks


def test_it_is_a_fact_by_its_old_name() -> None:
    assert RefResolved.kind() == "io.gitploy.RefResolved.v1"
    assert issubclass(RefResolved, Fact)


def test_what_the_request_is_held_against_links_to_its_line() -> None:
    resolved = resolution(request(), found(text=RULES), people=KNOWN)
    urls = {c.code: c.url for c in resolved.checks}
    for code, field in (
        ("deployers", "deployers"),
        ("deployable_ref", "deployable_ref"),
        ("payload", "dynamic_payload"),
    ):
        nth = 1 + next(
            n for n, line in enumerate(RULES.splitlines()) if f"{field}:" in line
        )
        assert (urls[code] or "").endswith(f"/deploy.yml#L{nth}")


def test_a_deployer_may_be_one_of_a_team() -> None:
    known = People(teams={"@octo/ops": (ANN,)})
    team = found(text="envs: [{name: production, deployers: ['@octo/ops']}]")
    resolved = resolution(request(), team, people=known)
    assert {c.code: c.state for c in resolved.checks}["deployers"] == "passed"
