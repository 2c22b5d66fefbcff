from datetime import timedelta
from functools import reduce
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Message, RepositoryActivated, RepositoryDeactivated
from shared.testing import T0, said
from status_sync.domain.hooks import (
    AppHook,
    HookNoticed,
    Hooks,
    HooksFact,
    HookState,
    OwnHook,
    evolve,
    notice,
)

from .examples import REPOSITORY

COMMAND = UUID("33333333-3333-4333-8333-333333333333")
OTHER = REPOSITORY.model_copy(update={"id": 8, "full_name": "octo/site"})


def activated(revision: int, webhook_id: int) -> Message[HooksFact]:
    fact = RepositoryActivated(
        command_id=COMMAND, repository=REPOSITORY, webhook_id=webhook_id
    )
    return said(fact, revision=revision)


def deactivated(revision: int) -> Message[HooksFact]:
    fact = RepositoryDeactivated(command_id=COMMAND, repository=REPOSITORY)
    return said(fact, revision=revision)


def fold(*messages: Message[HooksFact]) -> Hooks:
    return reduce(evolve, messages, Hooks())


def test_a_webhook_is_swept_while_it_exists() -> None:
    assert fold(activated(1, 50)).active == [OwnHook(REPOSITORY, 50)]
    assert fold(activated(1, 50), deactivated(2)).active == []


def test_what_the_app_covers_is_followed_without_a_webhook() -> None:
    covered = RepositoryActivated(
        command_id=COMMAND, repository=OTHER, webhook_id=0, installation_id=9
    )
    known = fold(activated(1, 50), said(covered))
    assert (known.active, known.covered) == ([OwnHook(REPOSITORY, 50)], [OTHER])
    assert known.all == [OwnHook(REPOSITORY, 50), AppHook()]
    assert known.followed == {REPOSITORY.id, OTHER.id}
    assert (known.covered_by(9), known.covered_by(10)) == ([OTHER], [])
    assert fold(activated(1, 50), deactivated(2)).followed == frozenset()


def test_the_apps_webhook_is_looked_after_apart_from_repositories() -> None:
    assert (AppHook().name, AppHook().work) == ("the GitHub App's webhook", "hook app")
    assert OwnHook(REPOSITORY, 50).work == f"hook {REPOSITORY.id}"


def test_repositories_do_not_touch_each_other() -> None:
    other = said(
        RepositoryActivated(command_id=COMMAND, repository=OTHER, webhook_id=60)
    )
    assert fold(activated(1, 50), other, deactivated(2)).active == [OwnHook(OTHER, 60)]


HOOK = OwnHook(REPOSITORY, 50)


def noticed(minute: int, state: HookState) -> Message[HooksFact]:
    at = T0 + timedelta(minutes=minute)
    return said(
        HookNoticed(repository=REPOSITORY, webhook_id=50, state=state, noticed_at=at)
    )


def test_what_became_of_a_hook_is_noted_when_it_changes() -> None:
    known = fold(activated(1, 50))
    assert notice(known, HOOK, HookState.OK, T0) == []
    (fact,) = notice(known, HOOK, HookState.MISSING, T0)
    known = fold(activated(1, 50), said(fact))
    assert notice(known, HOOK, HookState.MISSING, T0) == []
    assert notice(known, OwnHook(REPOSITORY, 51), HookState.OK, T0) == []
    assert notice(known, HOOK, HookState.OK, T0)


NOTICED = [
    noticed(1, HookState.DISABLED),
    noticed(2, HookState.OK),
    noticed(2, HookState.MISSING),
]


@given(st.permutations(NOTICED * 2))
def test_what_was_noticed_last_counts_whatever_arrives_last(
    messages: list[Message[HooksFact]],
) -> None:
    assert fold(*messages) == fold(*NOTICED)


@given(st.permutations([activated(1, 50), deactivated(2), activated(3, 51)] * 2))
def test_what_was_said_last_counts_whatever_arrives_last(
    messages: list[Message[HooksFact]],
) -> None:
    assert fold(*messages).active == [OwnHook(REPOSITORY, 51)]
