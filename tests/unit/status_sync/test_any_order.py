"""Webhooks, the link and a question arrive in any order, any number of times."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import GitHubDeploymentGone, Message, StatusUpdated
from shared.testing import said
from status_sync.domain.answers import answer
from status_sync.domain.github_deployment import (
    GitHubDeployment,
    GitHubDeploymentFact,
    evolve,
    settle,
    show,
    tell,
    tell_kept,
)
from status_sync.domain.told import DeploymentFolded, DeploymentTold, StatusKept

from .examples import (
    ABOUT,
    CREATED,
    DEPLOYMENT,
    FOREIGN,
    GITHUB_ID,
    OF_A_RUN,
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

    def __init__(self, ours: frozenset[int] = frozenset()) -> None:
        self.known = GitHubDeployment()
        self.facts: list[GitHubDeploymentFact] = []
        self.ours = ours

    def change(
        self, decide: Callable[[GitHubDeployment], Sequence[GitHubDeploymentFact]]
    ) -> None:
        for fact in decide(self.known):
            self.file(fact)

    def file(self, fact: GitHubDeploymentFact) -> None:
        self.known = evolve(self.known, said(fact))
        self.facts.append(fact)

    def take(self, fact: GitHubDeploymentFact) -> None:
        if fact not in self.facts:
            self.file(fact)
        self.change(tell_kept)
        for question in self.known.unanswered:
            self.change(partial(answer, question=question, found=STATUSES))

    def hear(self, told: object, about: DeploymentTold = ABOUT) -> None:
        match told:
            case StatusKept():
                self.change(lambda known: tell(known, about, told))
            case DeploymentTold():
                self.change(lambda known: show(known, told, None))
            case "time":
                self.change(lambda known: settle(known, self.ours))
            case _:
                self.change(lambda known: show(known, about, SEEN))

    @property
    def statuses(self) -> list[StatusUpdated]:
        """What was said of ours."""
        updates = [fact for fact in self.facts if isinstance(fact, StatusUpdated)]
        return [update for update in updates if not update.foreign]

    @property
    def foreign(self) -> list[StatusUpdated]:
        """What was said of somebody else's."""
        updates = [fact for fact in self.facts if isinstance(fact, StatusUpdated)]
        return [update for update in updates if update.foreign]


def run(arrivals: Iterable[object]) -> Stream:
    stream = Stream()
    for arrival in arrivals:
        if arrival in (CREATED, QUESTION):
            stream.take(arrival)
        else:
            stream.hear(arrival)
    return stream


def any_order(*facts: object) -> st.SearchStrategy[list[object]]:
    """All of them at least once, some more often, in any order."""
    return (
        st.lists(st.sampled_from(facts), max_size=6)
        .flatmap(lambda again: st.permutations([*facts, *again]))
        .map(list)
    )


@given(any_order(CREATED, *STATUSES, SEEN))
def test_each_status_is_said_once_whatever_comes_first(
    arrivals: list[object],
) -> None:
    stream = run(arrivals)
    assert len(stream.statuses) == len(STATUSES)
    assert set(stream.statuses) == ALL_SAID


@given(any_order(CREATED, QUESTION, *STATUSES, SEEN))
def test_every_order_ends_in_one_state_with_the_same_said(
    arrivals: list[object],
) -> None:
    stream = run(arrivals)
    assert set(stream.statuses) == ALL_SAID
    assert stream.known == run([CREATED, QUESTION, *STATUSES, SEEN]).known


@given(any_order(QUESTION, QUEUED))
def test_a_question_brings_what_no_webhook_has_told(
    arrivals: list[object],
) -> None:
    stream = run(arrivals)
    assert set(stream.statuses) == ALL_SAID


@given(any_order(CREATED, *STATUSES, ABOUT, "time"))
def test_a_link_that_comes_late_makes_it_ours_and_says_all_again(
    arrivals: list[object],
) -> None:
    stream = run(arrivals)
    assert len(stream.statuses) == len(STATUSES)
    assert set(stream.statuses) == ALL_SAID
    theirs = [fact for fact in stream.facts if isinstance(fact, GitHubDeploymentGone)]
    assert len(theirs) == stream.facts.count(ABOUT.foreign)


@given(any_order(*STATUSES, ABOUT))
def test_what_nobody_links_is_somebody_elses_and_all_of_it_is_said_once(
    arrivals: list[object],
) -> None:
    stream = run([*arrivals, "time", "time"])
    assert stream.statuses == []
    assert len(stream.foreign) == len(STATUSES)
    assert {one.deployment_id for one in stream.foreign} == {FOREIGN}
    assert stream.facts.count(ABOUT.foreign) == 1


@given(any_order(*STATUSES, OF_A_RUN))
def test_what_our_own_run_has_filed_is_never_said(arrivals: list[object]) -> None:
    stream = Stream(ours=frozenset({GITHUB_ID - 1}))
    for arrival in [*arrivals, "time", *arrivals, "time"]:
        stream.hear(arrival, OF_A_RUN)
    assert stream.statuses == stream.foreign == []
    assert len([f for f in stream.facts if isinstance(f, DeploymentFolded)]) == 1
    assert OF_A_RUN.foreign not in stream.facts


MESSAGES: list[Message[GitHubDeploymentFact]] = [
    said(fact)
    for fact in run([QUEUED, SEEN, "time", CREATED, RUNNING, QUESTION, SUCCESS]).facts
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
