"""The line by itself: what is filed of it, and what those in it have to be told."""

from functools import reduce
from typing import Any, Literal

import pytest

from shared.contracts import DeployQueued, Holder, Message, QueueMoved, Ref
from shared.testing import T0, said
from verifier.domain import environment
from verifier.domain.environment import Environment, SlotEnded, SlotGranted, Waits
from verifier.domain.parts import Parts

from .examples import ANN, MAIN, REPOSITORY
from .world import id_of, sha_of

HOLDER = Holder(deployment_id=str(id_of(9)), number=9, since=T0)


def waits(
    number: int, waits_for: Literal["checks", "review", "slot"] = "slot"
) -> Waits:
    return Waits(
        deployment_id=id_of(number),
        number=number,
        ref=MAIN,
        requested_by=ANN,
        waits_for=waits_for,
    )


def queued(
    number: int, position: int, holder: Holder | None = HOLDER, *, over: bool = False
) -> DeployQueued:
    return DeployQueued(
        deployment_id=id_of(number),
        sha=sha_of(1),
        config_digest="d",
        checks=(),
        message="It waits.",
        repository=REPOSITORY,
        environment="staging",
        position=position,
        holder=holder,
        take_over=over,
    )


def moved(number: int, position: int, holder: Holder | None = HOLDER) -> QueueMoved:
    return QueueMoved(deployment_id=id_of(number), position=position, holder=holder)


def filed(*facts: Any) -> Environment:
    """An environment in whose stream these stand, in this order."""
    messages: list[Message[Any]] = [
        said(fact, revision=nth) for nth, fact in enumerate(facts, 1)
    ]
    return reduce(environment.evolve, messages, Environment())


@pytest.mark.parametrize(
    "stages", [("checks", "review"), ("checks", "slot"), ("review", "slot")]
)
def test_a_stage_that_was_passed_does_not_come_back(stages: Any) -> None:
    earlier, later = stages
    for order in ((earlier, later), (later, earlier)):
        here = filed(*(waits(1, stage) for stage in order))
        assert here.waiting.known[id_of(1)].waits_for == later


def test_a_place_is_counted_from_one_also_for_who_stands_there() -> None:
    line = filed(waits(2), waits(4)).waiting
    assert [line.position_of(waits(n)) for n in (1, 2, 3, 4, 5)] == [1, 1, 2, 2, 3]


def test_what_was_told_last_counts_in_whatever_order_it_is_filed() -> None:
    told: list[Message[Any]] = [said(waits(1)), said(queued(1, 3), revision=1)]
    told += [said(moved(1, 5 - nth), revision=nth) for nth in (3, 2)]
    here = reduce(environment.evolve, told, Environment())
    last = here.waiting.said_of(id_of(1))[-1].data
    assert (type(last), last.position) == (QueueMoved, 2)


def test_who_was_told_of_a_holder_that_is_gone_is_told_so() -> None:
    here = filed(waits(1), queued(1, 1), waits(2), queued(2, 2, holder=None))
    assert environment.moves(here) == [moved(1, 1, None)]


def test_who_takes_over_names_only_those_who_have_the_place() -> None:
    here = filed(waits(1), queued(1, 1, over=True))
    assert environment.moves(here) == [moved(1, 1, None)]


def test_who_takes_over_is_told_the_next_one_in_the_way() -> None:
    granted = SlotGranted.model_validate(
        waits(8).model_dump(include={"deployment_id", "number", "ref", "requested_by"})
    )
    here = filed(waits(1), waits(2), queued(2, 1, over=True), granted)
    (told,) = environment.moves(here)
    assert isinstance(told, DeployQueued)
    assert told.holder
    assert (told.position, told.holder.number) == (2, 8)


def test_who_was_not_told_of_the_line_yet_keeps_nobody_from_being_told() -> None:
    here = filed(waits(1), waits(2), queued(2, 1))
    assert environment.moves(here) == [moved(2, 2, None)]


def test_a_branch_is_one_line_however_it_is_called() -> None:
    full = Ref(type="branch", name="refs/heads/main")
    assert waits(1).line == waits(1).model_copy(update={"ref": full}).line
    tag = Ref(type="tag", name="main")
    assert waits(1).line != waits(1).model_copy(update={"ref": tag}).line


def test_what_shares_a_part_of_a_map_stays_there() -> None:
    made: Parts[int, str] = Parts[int, str]().having(1, "a").having(513, "b")
    assert (made.get(1), made.get(513), made.get(2)) == ("a", "b", None)


def test_who_is_before_it_in_line_is_named_as_waiting() -> None:
    first = waits(2).model_copy(update={"as_of": T0})
    before = filed(first, waits(3)).in_the_way_of(waits(3))
    assert before
    assert before.running is False
    assert before.holder == Holder(deployment_id=str(id_of(2)), number=2, since=T0)
    assert filed(first).in_the_way_of(waits(2)) is None


def test_only_the_first_in_line_is_asked_when_the_place_is_free() -> None:
    assert list(environment.to_ask(filed(waits(1), waits(2)))) == [id_of(1)]


def test_only_the_newest_in_line_stays_where_that_is_wanted() -> None:
    latest = {"gives_way": True}
    rollback = waits(9).model_copy(update={"origin": "rollback"})
    one, two = (waits(n).model_copy(update=latest) for n in (1, 2))
    assert Environment().superseded_by(one) is None, "also before it stands in line"
    assert filed(one, two).superseded_by(one) == 2
    assert filed(one, two).superseded_by(two) is None
    assert filed(one, rollback).superseded_by(one) is None
    assert filed(rollback).superseded_by(one) is None


def test_what_is_over_does_not_wait_whatever_is_filed_after_that() -> None:
    ended = SlotEnded(deployment_id=id_of(1))
    for late in (waits(1), queued(1, 1), moved(1, 1)):
        here = filed(ended, late).waiting
        assert (here.known, here.told) == ({}, {})
