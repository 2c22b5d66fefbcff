"""Activations, their answers, and the numbers."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Literal
from uuid import UUID

from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain import command_deadlines
from api_gateway.domain.commands import CommandAskedAgain, CommandLeftUnanswered
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.repository import (
    NumberGiven,
    Repository,
    RepositoryFact,
    changed,
    configured,
    evolve,
    stream_of,
)
from api_gateway.read_model.documents import repository_document, rfc3339
from shared.contracts import (
    AutoDeployFailed,
    AutoDeployRecovered,
    Message,
    Ref,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryChanged,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
    RepositoryGone,
    RepositoryRenamed,
)
from shared.testing import T0, said

from .examples import ANN, REPO, SHA, after

LIMITS = Limits()
ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))
Told = list[Message[RepositoryFact]]


def wanted(command_id: UUID = ONE) -> RepositoryActivationRequested:
    return RepositoryActivationRequested(
        command_id=command_id, repository=REPO, requested_by=ANN
    )


def unwanted(command_id: UUID = TWO) -> RepositoryDeactivationRequested:
    return RepositoryDeactivationRequested(
        command_id=command_id, repository=REPO, requested_by=ANN
    )


def done(command_id: UUID = ONE) -> RepositoryActivated:
    return RepositoryActivated(command_id=command_id, repository=REPO, webhook_id=11)


def undone(command_id: UUID = TWO) -> RepositoryDeactivated:
    return RepositoryDeactivated(command_id=command_id, repository=REPO)


def no(command_id: UUID = ONE) -> RepositoryActivationRefused:
    return RepositoryActivationRefused(
        command_id=command_id,
        repository=REPO,
        code="permission_required",
        message="No.",
    )


def at(*told: tuple[RepositoryFact, datetime]) -> Repository:
    return fold(said(f, time=t, id=f"m{n}") for n, (f, t) in enumerate(told))


def fold(told: Iterable[Message[RepositoryFact]]) -> Repository:
    return reduce(evolve, told, Repository())


def given(*facts: RepositoryFact) -> Repository:
    return at(*((fact, after(seconds=n)) for n, fact in enumerate(facts)))


def due(known: Repository) -> datetime | None:
    return command_deadlines.due(known.waiting, LIMITS)


def passed(known: Repository, now: datetime) -> list[RepositoryFact]:
    facts = CommandAskedAgain, CommandLeftUnanswered
    return [*command_deadlines.passed(known.waiting, now, LIMITS, *facts)]


def test_it_is_active_once_github_has_carried_it_out() -> None:
    assert not given(wanted()).active
    assert given(wanted(), done()).active


def test_a_refusal_leaves_it_as_it_was() -> None:
    assert not given(wanted(), no()).active
    assert given(wanted(), done(), wanted(THREE), no(THREE)).active
    assert given(wanted(), done(), unwanted(), no(TWO)).active


def test_the_newest_command_that_was_carried_out_counts() -> None:
    assert not given(wanted(), done(), unwanted(), undone()).active
    assert given(wanted(), done(), unwanted()).active
    assert given(wanted(), unwanted(), wanted(THREE), undone(), done(THREE)).active


def test_an_answer_that_comes_after_a_refusal_counts() -> None:
    assert given(wanted(), no(), done()).active


def test_what_github_shows_no_more_is_not_followed_until_it_is_activated_again() -> (
    None
):
    lost: list[RepositoryFact] = [wanted(), done(), gone("out_of_reach", 5)]
    assert not given(*lost).active
    code, reason = given(*lost).loss or ("", "")
    assert code == "repository_gone"
    assert reason.endswith("any more: check its token's permissions.")
    deleted = given(wanted(), done(), gone("deleted", 5)).loss
    assert deleted == ("repository_gone", "At GitHub octo/shop is deleted.")
    again = at(
        *((fact, after(seconds=n)) for n, fact in enumerate(lost)),
        (wanted(THREE), after(seconds=6)),
        (done(THREE), after(seconds=7)),
    )
    assert again.active
    assert again.loss is None


def test_what_nobody_follows_says_so() -> None:
    assert given(wanted()).loss is None
    assert given(wanted(), done(), unwanted()).loss is None
    left = given(wanted(), done(), unwanted(), undone()).loss
    assert left == (
        "repository_inactive",
        "Gitploy does not follow octo/shop any more.",
    )


def test_it_is_called_as_it_was_named_last() -> None:
    assert Repository().named is None
    assert given(wanted()).named == REPO
    assert given(wanted(), renamed("octo/store", 5)).named == NEW
    later = at((renamed("octo/store", 5), T0), (wanted(), after(seconds=6)))
    assert later.named == REPO
    both = given(wanted(), renamed("octo/store", 5), renamed("octo/old", 4))
    assert both.named == NEW


def gone(reason: Literal["deleted", "out_of_reach"], second: int) -> RepositoryGone:
    return RepositoryGone(repository=REPO, reason=reason, seen_at=after(seconds=second))


NEW = REPO.model_copy(update={"full_name": "octo/store"})


def renamed(name: str, second: int) -> RepositoryRenamed:
    return RepositoryRenamed(
        repository=REPO.model_copy(update={"full_name": name}),
        previous_name=REPO.full_name,
        seen_at=after(seconds=second),
    )


ALL: list[RepositoryFact] = [
    wanted(),
    done(),
    no(),
    unwanted(),
    undone(),
    wanted(THREE),
    no(THREE),
    NumberGiven(number=1, deployment_id=ONE),
    NumberGiven(number=2, deployment_id=TWO),
    CommandAskedAgain(command_id=ONE, at=after(seconds=30)),
    CommandAskedAgain(command_id=ONE, at=after(seconds=60)),
    CommandLeftUnanswered(command_id=THREE),
    gone("deleted", 3),
    gone("out_of_reach", 4),
    renamed("octo/store", 3),
    renamed("octo/old", 2),
    RepositoryChanged(repository=REPO, config_path="one.yml", active=True),
    RepositoryChanged(repository=REPO, config_path="two.yml", active=False),
]
MESSAGES: Told = [
    said(fact, time=after(seconds=n), id=f"m{n}", revision=n + 1)
    for n, fact in enumerate(ALL)
]


@drawn(st.lists(st.sampled_from(MESSAGES), max_size=20), st.data())
def test_every_order_and_duplication_gives_one_state(
    told: Told, data: st.DataObject
) -> None:
    other = fold(data.draw(st.permutations([*told, *told[:5]])))
    assert other == fold(told)
    assert (other.active, other.newest) == (fold(told).active, fold(told).newest)
    assert (other.loss, other.named) == (fold(told).loss, fold(told).named)


def test_a_command_is_asked_every_half_minute() -> None:
    known = at((wanted(), T0))
    assert due(known) == after(seconds=30)
    assert not passed(known, after(seconds=29))
    again = CommandAskedAgain(command_id=ONE, at=after(seconds=30))
    assert passed(known, after(seconds=30)) == [again]
    assert due(at((wanted(), T0), (again, T0))) == after(seconds=60)


def test_after_a_quarter_of_an_hour_nobody_asks_any_more() -> None:
    known = at((wanted(), T0))
    left = CommandLeftUnanswered(command_id=ONE)
    assert passed(known, after(minutes=15)) == [left]
    assert due(at((wanted(), T0), (left, T0))) is None


def test_what_was_answered_or_overtaken_is_not_asked() -> None:
    assert due(given(wanted(), done())) is None
    assert due(given(wanted(), no())) is None
    assert due(given(wanted(), unwanted(), undone())) is None
    assert due(Repository()) is None


def test_a_repository_is_known_by_its_number() -> None:
    assert stream_of(7) == stream_of(7) != stream_of(8)


def test_who_has_to_know_is_told_once_whether_it_is_followed() -> None:
    assert not changed(given(wanted()))
    [told] = changed(given(wanted(), done()))
    assert (told.active, told.config_path) == (True, "deploy.yml")
    assert not changed(given(wanted(), done(), told))
    [told] = changed(given(wanted(), done(), told, unwanted(), undone()))
    assert not told.active


def test_where_the_rules_are_is_told_once() -> None:
    known = given(wanted(), done())
    [told] = configured(known, "deploy/eu.yml")
    assert (told.active, told.config_path) == (True, "deploy/eu.yml")
    known = given(wanted(), done(), told)
    assert known.config_path == "deploy/eu.yml"
    assert not configured(known, "deploy/eu.yml")
    [told] = changed(given(wanted(), done(), told, unwanted(), undone()))
    assert (told.active, told.config_path) == (False, "deploy/eu.yml")


def test_of_a_repository_that_nobody_asked_for_nothing_is_told() -> None:
    assert not changed(Repository())
    assert not configured(Repository(), "deploy/eu.yml")


FAILED = AutoDeployFailed(
    repository=REPO,
    delivery_id="one",
    ref=Ref(type="branch", name="main"),
    sha=SHA,
    pusher=ANN,
    pushed_at=T0,
    message="There are no rules.",
)
RECOVERED = AutoDeployRecovered(repository=REPO, delivery_id="two")
NEWS: Told = [
    said(FAILED, revision=3),
    said(FAILED.model_copy(update={"delivery_id": "b"}), revision=5),
    said(RECOVERED, revision=8),
]


@drawn(st.permutations([*NEWS, *NEWS]))
def test_what_was_said_last_of_pushes_counts(order: Told) -> None:
    assert fold(order).auto_deploy_problem is None
    assert fold(order).pushes == NEWS[-1]
    known = fold(m for m in order if m.revision < 8)
    assert known.auto_deploy_problem == NEWS[1].data


def test_a_push_without_rules_is_shown_until_there_are_some() -> None:
    asked = said(wanted())
    shown = repository_document(fold([asked, *NEWS[:1]]))
    assert shown["auto_deploy_problem"] == {
        "message": "There are no rules.",
        "ref": "main",
        "sha": SHA,
        "at": rfc3339(T0),
    }
    shown = repository_document(fold([asked, *NEWS]))
    assert shown["auto_deploy_problem"] is None
