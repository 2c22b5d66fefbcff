"""Webhooks, the link and a question arrive in any order, any number of times."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import Message, StatusUpdated
from shared.testing import said
from status_sync.domain.github_deployment import (
    GitHubDeployment,
    GitHubDeploymentFact,
    StatusKept,
    answer,
    evolve,
    show,
    tell,
    tell_kept,
)

from .examples import (
    CREATED,
    DEPLOYMENT,
    QUESTION,
    QUEUED,
    RUNNING,
    SEEN,
    SUCCESS,
)

STATUSES = (QUEUED, RUNNING, SUCCESS)
ALL_SAID = {one.of(DEPLOYMENT) for one in STATUSES}


class Stream:
    """One stream, and what the service does with each thing that reaches it."""

    def __init__(self) -> None:
        self.known = GitHubDeployment()
        self.facts: list[GitHubDeploymentFact] = []

    def file(self, fact: GitHubDeploymentFact) -> None:
        self.known = evolve(self.known, said(fact))
        self.facts.append(fact)

    def change(
        self, decide: Callable[[GitHubDeployment], Sequence[GitHubDeploymentFact]]
    ) -> None:
        for fact in decide(self.known):
            self.file(fact)

    def take(self, fact: GitHubDeploymentFact) -> None:
        if fact not in self.facts:
            self.file(fact)
        self.change(tell_kept)
        for question in self.known.unanswered:
            self.change(partial(answer, question=question, found=STATUSES))

    def hear(self, told: object) -> None:
        if isinstance(told, StatusKept):
            self.change(partial(tell, status=told))
        else:
            self.change(partial(show, seen=SEEN))

    @property
    def statuses(self) -> list[StatusUpdated]:
        return [fact for fact in self.facts if isinstance(fact, StatusUpdated)]


def run(arrivals: Iterable[GitHubDeploymentFact]) -> Stream:
    stream = Stream()
    for arrival in arrivals:
        if arrival in (CREATED, QUESTION):
            stream.take(arrival)
        else:
            stream.hear(arrival)
    return stream


def any_order(
    *facts: GitHubDeploymentFact,
) -> st.SearchStrategy[list[GitHubDeploymentFact]]:
    """All of them at least once, some more often, in any order."""
    return (
        st.lists(st.sampled_from(facts), max_size=6)
        .flatmap(lambda again: st.permutations([*facts, *again]))
        .map(list)
    )


@given(any_order(CREATED, *STATUSES, SEEN))
def test_each_status_is_said_once_whatever_comes_first(
    arrivals: list[GitHubDeploymentFact],
) -> None:
    stream = run(arrivals)
    assert len(stream.statuses) == len(STATUSES)
    assert set(stream.statuses) == ALL_SAID


@given(any_order(CREATED, QUESTION, *STATUSES, SEEN))
def test_every_order_ends_in_one_state_with_the_same_said(
    arrivals: list[GitHubDeploymentFact],
) -> None:
    stream = run(arrivals)
    assert set(stream.statuses) == ALL_SAID
    assert stream.known == run([CREATED, QUESTION, *STATUSES, SEEN]).known


@given(any_order(QUESTION, QUEUED))
def test_a_question_brings_what_no_webhook_has_told(
    arrivals: list[GitHubDeploymentFact],
) -> None:
    stream = run(arrivals)
    assert set(stream.statuses) == ALL_SAID


MESSAGES: list[Message[GitHubDeploymentFact]] = [
    said(fact)
    for fact in run([QUEUED, SEEN, CREATED, RUNNING, QUESTION, SUCCESS]).facts
]


@given(
    st.lists(st.sampled_from(MESSAGES)).flatmap(
        lambda again: st.permutations([*MESSAGES, *again])
    )
)
def test_evolve_gives_one_state_for_every_order_and_duplication(
    messages: list[Message[GitHubDeploymentFact]],
) -> None:
    def fold(some: Iterable[Message[GitHubDeploymentFact]]) -> GitHubDeployment:
        known = GitHubDeployment()
        for message in some:
            known = evolve(known, message)
        return known

    assert fold(messages) == fold(MESSAGES)
