"""A status for GitHub: one command, its answer in every order, and the askings."""

from collections.abc import Iterable
from functools import reduce
from uuid import UUID

from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain.limits import Limits
from api_gateway.domain.remote_status import (
    RemoteStatus,
    RemoteStatusAskedAgain,
    RemoteStatusFact,
    RemoteStatusLeftUnanswered,
    due,
    evolve,
    passed,
)
from shared.contracts import (
    Message,
    RemoteStatusPosted,
    RemoteStatusRefused,
    RemoteStatusRequested,
)
from shared.testing import T0, said

from .examples import ANN, GITHUB_ID, ID, REPO, after

LIMITS = Limits()
POST = UUID(int=301)
Told = list[Message[RemoteStatusFact]]


def wanted() -> RemoteStatusRequested:
    return RemoteStatusRequested(
        command_id=POST,
        repository=REPO,
        requested_by=ANN,
        deployment_id=ID,
        github_deployment_id=GITHUB_ID,
        state="success",
        description="Done.",
    )


def posted() -> RemoteStatusPosted:
    return RemoteStatusPosted(
        command_id=POST, repository=REPO, deployment_id=ID, github_status_id=77
    )


def refused() -> RemoteStatusRefused:
    return RemoteStatusRefused(
        command_id=POST,
        repository=REPO,
        deployment_id=ID,
        code="entity_unprocessable",
        message="No.",
    )


FACTS: list[RemoteStatusFact] = [
    wanted(),
    refused(),
    posted(),
    RemoteStatusAskedAgain(command_id=POST, at=after(seconds=30)),
    RemoteStatusAskedAgain(command_id=POST, at=after(seconds=60), nth=2),
    RemoteStatusLeftUnanswered(command_id=POST),
]
ALL: Told = [
    said(fact, time=after(seconds=n), id=f"m{n}", revision=n + 1)
    for n, fact in enumerate(FACTS)
]


def fold(told: Iterable[Message[RemoteStatusFact]]) -> RemoteStatus:
    return reduce(evolve, told, RemoteStatus())


@drawn(st.lists(st.sampled_from(ALL), max_size=12), st.data())
def test_every_order_and_duplication_gives_one_state(
    told: Told, data: st.DataObject
) -> None:
    one, other = fold(told), fold(data.draw(st.permutations([*told, *told[:4]])))
    assert other == one
    assert (other.given, due(other, LIMITS)) == (one.given, due(one, LIMITS))


def test_it_is_asked_again_and_then_left() -> None:
    known = fold([said(wanted(), time=T0)])
    assert due(known, LIMITS) == after(seconds=30)
    again = RemoteStatusAskedAgain(command_id=POST, at=after(seconds=30))
    assert passed(known, after(seconds=30), LIMITS) == [again]
    left = RemoteStatusLeftUnanswered(command_id=POST)
    assert passed(known, after(minutes=15), LIMITS) == [left]
    assert due(evolve(known, said(left)), LIMITS) is None


def test_an_answer_ends_the_asking() -> None:
    for answer in (posted(), refused()):
        assert due(fold([said(wanted()), said(answer)]), LIMITS) is None


def test_what_was_carried_out_in_the_end_counts() -> None:
    given = fold([said(wanted()), said(refused()), said(posted())]).given
    assert given
    assert given.carried_out
