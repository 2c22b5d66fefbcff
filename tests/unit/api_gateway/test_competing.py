"""Of what competes one counts, whoever comes first, in one process or in two."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest

from api_gateway.application import Gateway
from api_gateway.domain.approvals import Shown
from api_gateway.domain.confirming import Confirmation
from api_gateway.domain.facts import (
    PushIgnored,
    ReviewAsked,
    ReviewState,
    ReviewSubmitted,
)
from api_gateway.domain.phase import Phase
from api_gateway.domain.refusal import RefusedError
from api_gateway.domain.requests import deployment_of
from api_gateway.domain.reviews import Opinion
from shared.contracts import (
    CancelRequested,
    DeployConfirmed,
    DeployRequested,
    Holder,
    Person,
    RepositoryGone,
    SlotReleaseRequested,
    SyncRequested,
)
from shared.testing import T0, said

from .examples import (
    ANN,
    BOB,
    CARL,
    REPO,
    canceled,
    confirmation_refused,
    created,
    pushed,
    queued,
    review_requested,
    status,
    verified,
)
from .world import ONE, TWO, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Give the test a repository that is followed."""
    world = World()
    await world.activate()
    yield world
    world.store.close()


@pytest.fixture
async def waiting(world: World) -> World:
    """Give the test a deployment of ann's that waits for bob or carl."""
    await world.deploy()
    await world.tell(review_requested())
    # Both processes have seen it.
    await world.other.deployments.get(ONE)
    return world


async def review(
    gateway: Gateway, who: Person = BOB, state: ReviewState = "approved"
) -> str:
    opinion = Opinion(
        review_id=uuid4(),
        reviewer=who,
        state=state,
        comment="",
        shown=Shown(),
        at=gateway.store.clock(),
    )
    try:
        await gateway.review_deployment(ONE, opinion)
    except RefusedError as error:
        return error.refusal.code
    return state


async def confirm(gateway: Gateway) -> UUID | str:
    """The confirmation that is open then, or why there is none."""
    now = gateway.store.clock()
    confirmation = Confirmation(
        confirmation_id=uuid4(),
        by=ANN,
        shown=Shown(),
        at=now,
        not_after=now + timedelta(minutes=15),
    )
    try:
        _, sent = await gateway.confirm_deployment(ONE, confirmation)
    except RefusedError as error:
        return error.refusal.code
    return sent.data.confirmation_id


async def cancel(gateway: Gateway) -> None:
    await gateway.cancel_deployment(ONE, ANN, "")


async def test_each_reviewer_is_asked_once_by_two_replicas(world: World) -> None:
    await world.deploy()
    message = said(review_requested())
    await asyncio.gather(*(g.take(message) for g in (world.gateway, world.other)))
    asked = [m.data.reviewer for m in await world.recorded(ReviewAsked)]
    assert asked == [BOB, CARL]


async def test_two_confirmations_in_two_processes_are_one(waiting: World) -> None:
    await review(waiting.gateway)
    one, two = await asyncio.gather(confirm(waiting.gateway), confirm(waiting.other))
    [sent] = await waiting.recorded(DeployConfirmed)
    assert one == two == sent.data.confirmation_id


async def test_after_a_refusal_there_is_another_confirmation(waiting: World) -> None:
    await review(waiting.gateway)
    first = await confirm(waiting.gateway)
    assert isinstance(first, UUID)
    refusal = confirmation_refused().model_copy(update={"confirmation_id": first})
    await waiting.tell(refusal)
    assert await waiting.phase() is Phase.WAITING_FOR_REVIEW
    assert await confirm(waiting.other) not in {first, "deployment_status_invalid"}
    await waiting.tell(refusal)
    assert await waiting.phase() is Phase.VERIFYING


async def test_a_rejection_against_a_confirmation(waiting: World) -> None:
    await review(waiting.gateway)
    told = await asyncio.gather(
        confirm(waiting.gateway), review(waiting.other, CARL, "rejected")
    )
    assert await waiting.phase() is Phase.CANCELING
    assert len(await waiting.recorded(CancelRequested)) == 1
    sent = await waiting.recorded(DeployConfirmed)
    assert told[1] == "rejected"
    assert len(sent) == isinstance(told[0], UUID)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_an_approval_a_rejection_and_a_cancel_in_any_order(
    waiting: World, order: tuple[int, ...]
) -> None:
    acts: list[Any] = [
        lambda: review(waiting.gateway),
        lambda: review(waiting.other, CARL, "rejected"),
        lambda: cancel(waiting.gateway),
    ]
    told = {n: await acts[n]() for n in order}
    [ends] = await waiting.recorded(CancelRequested)
    assert ends.data.code == (
        "review_rejected" if order.index(1) < order.index(2) else "canceled"
    )
    late = "deployment_status_invalid"
    assert (told[0] == late) is (order[0] != 0)
    assert await confirm(waiting.gateway) == late
    assert not await waiting.recorded(DeployConfirmed)


async def test_approvals_at_once_send_it_once(world: World) -> None:
    await world.deploy()
    await world.tell(review_requested(on_approval="deploy"))
    told = await asyncio.gather(review(world.gateway, BOB), review(world.other, CARL))
    assert sorted(told) == ["approved", "deployment_status_invalid"]
    assert len(await world.recorded(DeployConfirmed)) == 1
    assert len(await world.recorded(ReviewSubmitted)) == 1


async def test_a_push_makes_one_deployment_in_two_processes(world: World) -> None:
    message = said(pushed())
    both = world.gateway, world.other
    await asyncio.gather(*(g.take_push(message) for g in both))
    again = said(pushed())
    await world.other.take_push(again)
    [request] = await world.recorded(DeployRequested, deployment_of(pushed()))
    assert (request.data.number, request.data.source) == (1, "push")
    assert request.data.requested_by == BOB
    assert request.causation_id == message.id


async def test_a_push_that_was_ignored_stays_ignored() -> None:
    world = World()
    await world.gateway.take_push(said(pushed()))
    await world.activate()
    await world.other.take_push(said(pushed()))
    stream = deployment_of(pushed())
    assert not await world.recorded(DeployRequested, stream)
    assert len(await world.recorded(PushIgnored, stream)) == 1
    world.store.close()


async def test_a_take_over_ends_the_holder_once(world: World) -> None:
    await world.deploy(TWO)
    await world.deploy()
    taken = queued(holder=holder(), take_over=True)
    for _ in range(2):
        await world.tell(taken)
    [ends] = await world.recorded(CancelRequested, TWO)
    assert (ends.data.by, ends.data.who, ends.data.code) == (
        "person",
        ANN,
        "taken_over",
    )
    assert ends.data.reason == "ann rolls back with #2, which takes its place."
    assert not await world.recorded(CancelRequested)


async def test_who_has_its_turn_takes_over_nothing(world: World) -> None:
    await world.deploy(TWO)
    await world.deploy()
    await world.tell(verified(), queued(holder=holder(), take_over=True))
    assert not await world.recorded(CancelRequested, TWO)


def holder() -> Holder:
    return Holder(deployment_id=str(TWO), number=1, since=T0)


async def test_of_two_replicas_one_asks_after_the_holder(world: World) -> None:
    await world.deploy(TWO)
    await world.tell(created(TWO))
    await world.deploy()
    await world.tell(queued(1, holder()))
    world.clock.advance(timedelta(minutes=5))
    await world.gateway.pass_deployment_deadline(ONE)
    world.clock.advance(timedelta(milliseconds=5))
    await world.other.pass_deployment_deadline(ONE)
    assert len(await world.recorded(SyncRequested, TWO)) == 1
    assert [type(m.data) for m in world.store.repeats()] == [DeployRequested]


async def test_who_is_not_first_in_line_does_not_ask_github(world: World) -> None:
    await world.deploy(TWO)
    await world.tell(created(TWO))
    await world.deploy()
    await world.tell(queued(2, holder()))
    await world.later(minutes=5)
    assert not await world.recorded(SyncRequested, TWO)


async def test_a_holder_that_has_ended_gives_its_place_to_the_line(
    world: World,
) -> None:
    await world.deploy(TWO)
    await world.tell(status(1, "success", deployment_id=TWO))
    await world.deploy()
    await world.tell(queued(1, holder()))
    [release] = await world.recorded(SlotReleaseRequested, TWO)
    assert release.data.cause == "ended"


async def test_what_is_abandoned_ends_once(world: World) -> None:
    await world.deploy()
    await world.gateway.cancel_abandoned(ONE)
    assert not await world.recorded(CancelRequested)
    world.clock.advance(timedelta(hours=1))
    await world.tell(
        RepositoryGone(repository=REPO, reason="out_of_reach", seen_at=world.clock())
    )
    for gateway in (world.gateway, world.other):
        await gateway.cancel_abandoned(ONE)
    [ends] = await world.recorded(CancelRequested)
    assert (ends.data.by, ends.data.code) == ("repository", "repository_gone")
    assert "token" in ends.data.reason
    await world.tell(canceled())
    await world.gateway.cancel_abandoned(ONE)
    assert await world.phase() is Phase.CANCELED


async def test_the_loss_of_a_repository_is_said_also_of_what_is_ending(
    world: World,
) -> None:
    await world.deploy()
    await world.gateway.cancel_deployment(ONE, ANN, "Wrong branch.")
    world.clock.advance(timedelta(hours=1))
    await world.tell(
        RepositoryGone(repository=REPO, reason="deleted", seen_at=world.clock())
    )
    for gateway in (world.gateway, world.other):
        await gateway.cancel_abandoned(ONE)
    ends = await world.recorded(CancelRequested)
    assert [end.data.by for end in ends] == ["person", "repository"]


async def test_a_release_by_an_operator_is_said_once(world: World) -> None:
    await world.deploy()
    assert await world.gateway.release_slot(ONE, ANN, "why") is None
    await world.tell(verified(), created())
    for _ in range(2):
        assert await world.gateway.release_slot(ONE, ANN, "why")
    assert await world.gateway.release_slot(ONE, BOB, "too") is None
    [release] = await world.recorded(SlotReleaseRequested)
    assert (release.data.who, release.data.cause) == (ANN, "operator")
