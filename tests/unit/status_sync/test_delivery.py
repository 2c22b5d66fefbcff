"""Receipts of a delivery come in any order, any number of times, from any replica."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import AuthorizationRevoked, Person, RefPushed
from shared.testing import T0, said
from status_sync.domain.delivery import (
    Delivery,
    DeliveryFact,
    DeliverySwept,
    evolve,
    receive,
)

from .examples import REPOSITORY

PUSHED = RefPushed(
    repository=REPOSITORY,
    delivery_id="d-1",
    ref="refs/heads/main",
    before=None,
    after="b" * 40,
    pusher=Person(id=3, login="mona"),
    pushed_at=T0,
)
REVOKED = AuthorizationRevoked(
    delivery_id="d-1", person=Person(id=3, login="mona"), revoked_at=T0
)
SWEPT = DeliverySwept(event="push", repository_id=REPOSITORY.id, digest="c" * 64)


@pytest.mark.parametrize("told", [PUSHED, REVOKED])
@given(st.data())
def test_every_order_and_duplication_gives_one_state(
    told: DeliveryFact, data: st.DataObject
) -> None:
    facts = data.draw(st.lists(st.sampled_from([told, SWEPT]), max_size=6))
    order = data.draw(st.permutations([*facts, *facts]))
    known = reduce(evolve, map(said, order), Delivery())
    assert known == Delivery(told=told in facts, swept=SWEPT in facts)


@pytest.mark.parametrize("told", [PUSHED, REVOKED])
@given(arrivals=st.lists(st.booleans(), max_size=8))
def test_each_is_received_once_whoever_brings_it_and_however_often(
    told: DeliveryFact, arrivals: list[bool]
) -> None:
    known, kept = Delivery(), list[DeliveryFact]()
    for by_sweep in arrivals:
        receipts = receive(known, SWEPT if by_sweep else told)
        known = reduce(evolve, map(said, receipts), known)
        kept.extend(receipts)
    assert len(kept) == len(set(arrivals))
    assert set(kept) == {SWEPT if by_sweep else told for by_sweep in arrivals}
