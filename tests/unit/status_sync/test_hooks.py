from functools import reduce
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Message, RepositoryActivated, RepositoryDeactivated
from shared.testing import said
from status_sync.domain.hooks import Hooks, HooksFact, evolve

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
    assert fold(activated(1, 50)).active == [(REPOSITORY, 50)]
    assert fold(activated(1, 50), deactivated(2)).active == []


def test_repositories_do_not_touch_each_other() -> None:
    other = said(
        RepositoryActivated(command_id=COMMAND, repository=OTHER, webhook_id=60)
    )
    assert fold(activated(1, 50), other, deactivated(2)).active == [(OTHER, 60)]


@given(st.permutations([activated(1, 50), deactivated(2), activated(3, 51)] * 2))
def test_what_was_said_last_counts_whatever_arrives_last(
    messages: list[Message[HooksFact]],
) -> None:
    assert fold(*messages).active == [(REPOSITORY, 51)]
