"""A hold after a rollback: what is known of it in every order, and the askings."""

from collections.abc import Iterable
from functools import reduce
from uuid import UUID

from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain.hold import (
    Hold,
    HoldAskedAgain,
    HoldFact,
    HoldLeftUnanswered,
    due,
    evolve,
    hold_of,
    passed,
)
from api_gateway.domain.limits import Limits
from shared.contracts import (
    AutoDeployHeld,
    AutoDeployResumed,
    AutoDeployResumeRequested,
    Message,
)
from shared.testing import T0, said

from .examples import ANN, REPO, after

LIMITS = Limits()
ROLLBACK, RESUME = UUID(int=201), UUID(int=202)
Told = list[Message[HoldFact]]
HERE = {"repository": REPO, "environment": "production", "rollback_id": ROLLBACK}


def held() -> AutoDeployHeld:
    return AutoDeployHeld(**HERE, number=9, who=ANN)


def resumed(command_id: UUID | None = None) -> AutoDeployResumed:
    return AutoDeployResumed(**HERE, command_id=command_id, who=ANN)


def wanted(command_id: UUID = RESUME) -> AutoDeployResumeRequested:
    return AutoDeployResumeRequested(
        **HERE, command_id=command_id, requested_by=ANN, requested_at=T0
    )


def fold(told: Iterable[Message[HoldFact]]) -> Hold:
    return reduce(evolve, told, Hold())


def messages(*facts: HoldFact) -> Told:
    return [
        said(fact, time=after(seconds=n), id=f"m{n}", revision=n + 1)
        for n, fact in enumerate(facts)
    ]


def given(*facts: HoldFact) -> Hold:
    return fold(messages(*facts))


ALL = messages(
    held(),
    wanted(),
    resumed(),
    resumed(RESUME),
    wanted(UUID(int=203)),
    HoldAskedAgain(command_id=RESUME, at=after(seconds=30)),
    HoldAskedAgain(command_id=RESUME, at=after(seconds=60), nth=2),
    HoldLeftUnanswered(command_id=RESUME),
)


@drawn(st.lists(st.sampled_from(ALL), max_size=14), st.data())
def test_every_order_and_duplication_gives_one_state(
    told: Told, data: st.DataObject
) -> None:
    one, other = fold(told), fold(data.draw(st.permutations([*told, *told[:5]])))
    assert other == one
    assert (other.active, due(other, LIMITS)) == (one.active, due(one, LIMITS))


def test_it_lasts_until_the_verifier_ends_it() -> None:
    assert given(held()).active
    assert given(held(), wanted()).active
    assert not given(held(), wanted(), resumed(RESUME)).active
    assert not given(held(), resumed()).active


def test_an_end_that_comes_first_is_an_end() -> None:
    assert not given(resumed(), held()).active


def test_a_command_is_asked_again_and_then_left() -> None:
    known = fold([said(held()), said(wanted())])
    assert due(known, LIMITS) == after(seconds=30)
    again = HoldAskedAgain(command_id=RESUME, at=after(seconds=30))
    assert passed(known, after(seconds=30), LIMITS) == [again]
    left = HoldLeftUnanswered(command_id=RESUME)
    assert passed(known, after(minutes=15), LIMITS) == [left]
    assert due(evolve(known, said(left)), LIMITS) is None


def test_an_end_settles_every_command() -> None:
    assert due(given(held(), wanted(), resumed()), LIMITS) is None


def test_a_hold_has_a_stream_beside_that_of_its_rollback() -> None:
    assert hold_of(ROLLBACK) == hold_of(ROLLBACK) != ROLLBACK
