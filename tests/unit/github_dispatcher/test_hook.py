"""Commands about a webhook arrive in any order, any number of times, at any replica."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from github_dispatcher.domain.hook import (
    Command,
    Decide,
    Hook,
    HookFact,
    HookReady,
    Reply,
    activated,
    deactivated,
    evolve,
)
from shared.contracts import (
    Message,
    RepositoryActivated,
    RepositoryActivationRequested,
)
from shared.testing import said

from .examples import REPOSITORY, activation, deactivation

#: As the gateway has them in order; its replicas' clocks tell all of them one time.
COMMANDS: list[Message[HookFact]] = [
    said(activation(1), revision=1),
    said(deactivation(2), revision=2),
    said(activation(3), revision=3),
]
READY = HookReady(REPOSITORY, webhook_id=5)


def any_order(
    facts: list[Message[HookFact]],
) -> st.SearchStrategy[list[Message[HookFact]]]:
    """All of them at least once, some more often, in any order."""
    return st.lists(st.sampled_from(facts), max_size=6).flatmap(
        lambda again: st.permutations([*facts, *again])
    )


def carried_out(wish: Command) -> Decide:
    if isinstance(wish, RepositoryActivationRequested):
        return activated(wish, READY)
    return deactivated(wish)


def answers(arrivals: list[Message[HookFact]]) -> list[Reply]:
    """What is said; each time a slower replica answers what was wanted before, too."""
    known, told = Hook(), list[Reply]()
    for message in arrivals:
        before = known.newest
        known = evolve(known, message)
        for wish in (before, known.newest):
            replies = carried_out(wish)(known) if wish else []
            known = reduce(evolve, map(said, replies), known)
            told.extend(replies)
    return told


REPLIES: list[Message[HookFact]] = [said(reply) for reply in answers(COMMANDS)]


@given(any_order([*COMMANDS, *REPLIES]))
def test_every_order_and_duplication_gives_one_state(
    facts: list[Message[HookFact]],
) -> None:
    known = reduce(evolve, facts, Hook())
    assert known == reduce(evolve, [*COMMANDS, *REPLIES], Hook())
    assert known.newest == COMMANDS[-1].data
    assert known.unanswered == []


@given(any_order(COMMANDS))
def test_each_command_is_answered_and_the_newest_ones_answer_is_the_last_word(
    arrivals: list[Message[HookFact]],
) -> None:
    told = answers(arrivals)
    assert {reply.command_id for reply in told} == {
        message.data.command_id for message in COMMANDS
    }
    assert len(set(told)) == len(COMMANDS), "who is answered twice hears the same"
    assert told[-1] == RepositoryActivated(
        command_id=activation(3).command_id,
        repository=REPOSITORY,
        webhook_id=READY.webhook_id,
    )
