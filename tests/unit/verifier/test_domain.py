"""What is filed, and what follows from it."""

from datetime import datetime, timedelta
from functools import reduce
from typing import Any, TypeVar

import pytest

from shared.contracts import (
    Fact,
    RefRejected,
    RefVerified,
    Repository,
)
from shared.testing import T0, said
from verifier.domain import environment, verification
from verifier.domain.case import Case, Moment
from verifier.domain.conclusion import Conclusion
from verifier.domain.environment import (
    Environment,
    EnvironmentFact,
    SlotEnded,
    SlotGranted,
    SlotRefused,
    environment_id,
)
from verifier.domain.found import Found
from verifier.domain.resolution import answer_checks
from verifier.domain.verdict import conclude
from verifier.domain.verification import Verification, VerificationFact, learn

from .examples import (
    ANN,
    FIRST,
    HEAD,
    MAIN,
    SECOND,
    SHA,
    canceled,
    contexts,
    found,
    gone,
    refused,
    release,
    request,
    resolution,
    status,
)

HOLDS = timedelta(minutes=15)
NOW = Moment(T0, HOLDS)
F = TypeVar("F", bound=Fact)
Said = tuple[list[VerificationFact], list[EnvironmentFact]]


def known(*facts: VerificationFact) -> Verification:
    return reduce(verification.evolve, map(said, facts), Verification())


def place(*facts: EnvironmentFact) -> Environment:
    return reduce(environment.evolve, map(said, facts), Environment())


def granted(second: bool = False) -> SlotGranted:
    id_, number = (SECOND, 2) if second else (FIRST, 1)
    return SlotGranted(
        deployment_id=id_,
        number=number,
        ref=MAIN,
        requested_by=ANN,
        sha=SHA,
        as_of=T0,
    )


def concluded(
    *facts: VerificationFact,
    at: Environment | None = None,
    answer: Found | None = None,
    now: datetime = T0,
    environment: str = "production",
) -> Said:
    """What follows from a request that GitHub was asked about, and from `facts`."""
    asked = request(environment=environment)
    resolved = resolution(asked, answer or found())
    state, moment = known(asked, resolved, *facts), Moment(now, HOLDS)
    return listed(conclude(state, at or Environment(), moment))


def listed(conclusion: Conclusion) -> Said:
    return list(conclusion.said), list(conclusion.places)


def rejected(conclusion: Said | Conclusion) -> RefRejected:
    (verdict,), _ = conclusion
    assert isinstance(verdict, RefRejected)
    return verdict


def test_a_green_ref_is_verified_and_gets_its_place() -> None:
    (verdict,), places = concluded()
    assert places == [granted()]
    assert isinstance(verdict, RefVerified)
    assert (verdict.sha, verdict.config.commit) == (SHA, HEAD)
    assert verdict.not_after == T0 + HOLDS


def test_the_verdict_says_how_old_the_commit_is() -> None:
    (verdict,), _ = concluded(answer=found(committed_at=T0))
    assert isinstance(verdict, RefVerified)
    assert verdict.committed_at == T0


def test_the_repository_is_named_as_github_names_it() -> None:
    renamed = Repository(id=7, full_name="octo/new-shop")
    (verdict,), _ = concluded(answer=found(repository=renamed))
    assert isinstance(verdict, RefVerified)
    assert verdict.repository == renamed


def test_the_first_check_that_fails_gives_the_code() -> None:
    behind = "envs: [{name: production, auto_merge: true, serialization: true}]"
    cases = [
        (found(text="envs: 1", sha=None), "config_parse_error", "config"),
        (found(text="envs: []", sha=None), "config_undefined_env", "environment"),
        (found(sha=None), "entity_unprocessable", "ref"),
        (found(text=behind, behind_by=2), "entity_unprocessable", "up_to_date"),
        (found(contexts=contexts(a="queued")), "entity_unprocessable", "commit_checks"),
        (None, "entity_unprocessable", "ref"),
    ]
    for answer, code, check in cases:
        asked = request()
        state = known(asked, resolution(asked, answer))
        verdict = rejected(conclude(state, place(granted(second=True)), NOW))
        assert verdict.code == code
        reason = next(c for c in verdict.checks if c.code == check)
        assert verdict.message == reason.message
        assert verdict.holder is None


def test_a_red_ref_takes_no_place_and_refuses_none() -> None:
    assert concluded(answer=found(sha=None))[1] == []


def test_one_at_a_time_where_it_is_serialized() -> None:
    busy = place(granted(second=True))
    conclusion = concluded(at=busy, environment="staging")
    verdict = rejected(conclusion)
    assert verdict.code == "deployment_serialization"
    assert verdict.holder
    assert verdict.holder.number == 2
    assert verdict.sha == SHA
    assert conclusion[1] == [
        SlotRefused(
            deployment_id=FIRST,
            number=1,
            code="deployment_serialization",
            holder=verdict.holder,
        )
    ]


def test_room_for_all_where_it_is_not() -> None:
    _, places = concluded(at=place(granted(second=True)))
    assert places == [granted()]


def test_a_place_that_ended_is_free() -> None:
    freed = place(granted(second=True), SlotEnded(deployment_id=SECOND))
    _, places = concluded(at=freed, environment="staging")
    assert places == [granted()]


def test_a_verdict_is_said_once() -> None:
    (verdict,), _ = concluded()
    assert concluded(verdict) == ([], [])
    assert concluded(verdict, answer=found(sha=None)) == ([], [])


def test_there_is_no_verdict_on_what_is_over() -> None:
    for over in (
        canceled(),
        canceled(created=4001),
        refused(),
        gone(),
        release(),
        status(),
    ):
        assert concluded(over) == ([], [])
    assert concluded(now=T0 + timedelta(minutes=15)) == ([], [])


def test_a_cancel_of_something_created_and_our_own_error_free_nothing() -> None:
    assert not known(canceled(created=4001)).freed
    assert not known(status(state="error", ours=True)).freed
    assert not known(status(state="in_progress")).freed
    for over in (canceled(), refused(), gone(), release(), status(state="failure")):
        assert known(over).freed


def test_the_newest_word_on_checks_counts() -> None:
    resolved = resolution(request(), found(contexts=contexts(a="queued")))
    later = answer_checks(
        resolved, SHA, contexts(a="success"), T0 + timedelta(seconds=20)
    )
    latest = answer_checks(
        resolved, SHA, contexts(a="failure"), T0 + timedelta(seconds=30)
    )
    assert conclude(known(request(), resolved, later), Environment(), NOW)[1]
    for facts in ((later, latest), (latest, later)):
        state = known(request(), resolved, *facts)
        assert rejected(conclude(state, Environment(), NOW)).sha == SHA


def test_a_commit_that_vanished_has_no_checks() -> None:
    resolved = resolution(request(), found())
    check = answer_checks(resolved, SHA, None, T0).check
    assert (check.state, check.url) == ("failed", resolved.page)
    assert "aaaaaaa" in check.message


def test_checks_are_asked_again_when_they_are_old_and_matter() -> None:
    soon, late = T0 + timedelta(seconds=10), T0 + timedelta(seconds=11)
    green = resolution(request(), found())
    assert not known(request(), green).needs_checks(soon)
    assert known(request(), green).needs_checks(late)
    answered = answer_checks(green, SHA, contexts(), late)
    assert not known(request(), green, answered).needs_checks(late)
    none_wanted = "envs: [{name: production, required_contexts: []}]"
    for answer in (found(sha=None), found(text="envs: 1"), found(text=none_wanted)):
        assert not known(resolution(request(), answer)).needs_checks(late)


def test_github_does_not_tell_environments_apart_by_case() -> None:
    repository = Repository(id=7, full_name="a/b")
    renamed = Repository(id=7, full_name="c/d")
    assert environment_id(repository, "Prod") == environment_id(renamed, "prod")
    other = Repository(id=8, full_name="a/b")
    assert environment_id(repository, "prod") != environment_id(other, "prod")
    assert environment_id(repository, "prod") != environment_id(repository, "stage")


def test_of_checks_that_are_still_pending_only_news_is_kept() -> None:
    resolved = resolution(request(), found(contexts=contexts(a="queued", b="queued")))
    before = known(request(), resolved)
    for told, kept in (
        (contexts(a="queued", b="queued"), False),
        (contexts(a="queued", b="success"), True),
        (contexts(a="success", b="success"), True),
    ):
        news = answer_checks(resolved, SHA, told, T0)
        assert learn(before, news) == ([news] if kept else [])


def test_what_was_not_asked_has_no_answers() -> None:
    assert (Verification().unfinished, Verification().checks) == ((), ())


@pytest.mark.parametrize("missing", ["sha", "config", "rules"])
def test_what_has_no_commit_or_no_rules_can_not_be_verified(missing: str) -> None:
    resolved = resolution(request(), found()).model_copy(update={missing: None})
    case = Case(Verification(), Environment(), request(), resolved, NOW)
    with pytest.raises(ValueError, match=r"^a ref without a commit or rules can't be"):
        _ = case.pair


@pytest.mark.parametrize("word", ["success", "failure"])
def test_checks_that_have_finished_are_told_without_advice(word: str) -> None:
    resolved = resolution(request(), found(contexts=contexts(ci=word)))
    case = Case(known(request(), resolved), Environment(), request(), resolved, NOW)
    (before,) = (c for c in resolved.checks if c.code == "commit_checks")
    assert before in case.answers()


@pytest.mark.parametrize(
    ("further", "waits"),
    [
        ({}, True),
        ({"checks_pending": None}, False),
        ({"review": True}, False),
        ({"awaited": True}, False),
        ({"verdict": True}, False),
        ({"review": True, "awaited": True, "verdict": True}, False),
    ],
)
def test_it_waits_for_checks_until_it_is_further(
    further: dict[str, Any], waits: bool
) -> None:
    state: Any = {"checks_pending": True, **further}
    assert Verification(**state).waits_for_checks is waits


@pytest.mark.parametrize("waits", ["checks_pending", "review", "awaited"])
def test_what_waits_stays_open_when_its_request_is_late(waits: str) -> None:
    late = request().not_after + timedelta(seconds=1)
    state: Any = {waits: True}
    assert Verification(request=request(), **state).open(late)
    assert not Verification(request=request()).open(late)


def test_a_final_answer_about_checks_is_kept_with_its_time() -> None:
    resolved = resolution(request(), found())
    again = answer_checks(resolved, SHA, contexts(test="success"), T0 + HOLDS)
    before = known(request(), resolved)
    assert again.check in before.checks
    assert learn(before, again) == [again]


def test_nothing_follows_from_a_request_before_its_ref_was_looked_up() -> None:
    said_ = conclude(known(request()), Environment(), NOW)
    assert not said_[0]
    assert not said_[1]
