"""Taking, commanding, and what time does: over a store in memory."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from api_gateway.application import HANDLERS, Gateway, RepositoryInactiveError
from api_gateway.domain.approvals import Shown
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import AskedAgain
from api_gateway.domain.phase import Phase
from api_gateway.domain.refusal import Refusal, RefusedError
from api_gateway.domain.repository import stream_of
from api_gateway.domain.reviews import Opinion
from shared.contracts import (
    GATEWAY,
    CancelRequested,
    DeployRequested,
    Holder,
    RepositoryActivationRequested,
    SlotReleaseRequested,
    SyncRequested,
    taken_by,
)
from shared.store import Store
from shared.testing import T0

from .examples import (
    ANN,
    BOB,
    REPO,
    canceled,
    created,
    given,
    rejected,
    requested,
    review_requested,
    status,
    synced,
    verified,
)
from .world import ONE, TWO, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    await world.activate()
    yield world
    world.store.close()


def test_the_handlers_take_what_the_table_routes_here() -> None:
    assert set(HANDLERS) == taken_by(GATEWAY)


async def test_numbers_count_up(world: World) -> None:
    assert [(await world.deploy(uuid4())).number for _ in range(3)] == [1, 2, 3]


async def test_a_request_that_is_repeated_stays_as_it_is(world: World) -> None:
    first = await world.deploy()
    world.clock.advance(timedelta(minutes=1))
    assert await world.deploy() == first
    assert (await world.deploy(TWO)).number == 2


async def test_nobody_deploys_what_is_not_active(world: World) -> None:
    inactive = Gateway(Store.open(GATEWAY, "memory://"), Limits(), world.end_access)
    before = await inactive.store.last_position()
    world.gateway = inactive
    with pytest.raises(RepositoryInactiveError):
        await world.deploy()
    assert await inactive.store.last_position() == before
    inactive.store.close()


async def test_a_cancel_is_recorded_once(world: World) -> None:
    await world.deploy()
    for _ in range(2):
        await world.gateway.cancel_deployment(ONE, ANN, "wrong branch")
    [message] = await world.recorded(CancelRequested)
    assert message.data.reason == "ann canceled it: wrong branch."
    assert (message.data.by, message.data.who) == ("person", ANN)


async def test_what_has_ended_is_not_canceled(world: World) -> None:
    await world.deploy()
    await world.tell(rejected())
    known = await world.gateway.cancel_deployment(ONE, ANN, "")
    assert known.cancel is None


async def test_a_request_is_said_again_with_the_same_id(world: World) -> None:
    await world.deploy()
    [request] = await world.recorded(DeployRequested)
    world.clock.advance(timedelta(seconds=30))
    await world.gateway.pass_deployment_deadline(ONE)
    [repeat] = world.store.repeats()
    assert (repeat.id, repeat.asked) == (request.id, True)


async def test_of_two_replicas_that_see_a_deadline_pass_one_acts(world: World) -> None:
    await world.deploy()
    other = Gateway(world.store, Limits(), world.end_access)
    await other.deployments.get(ONE)
    world.clock.advance(timedelta(seconds=30))
    await world.gateway.pass_deployment_deadline(ONE)
    world.store.repeats()
    world.clock.advance(timedelta(milliseconds=5))
    await other.pass_deployment_deadline(ONE)
    assert not world.store.repeats()
    assert len(await world.recorded(AskedAgain)) == 1


async def test_without_a_verdict_the_dispatcher_is_asked_to_cancel(
    world: World,
) -> None:
    await world.deploy()
    assert [type(e) for e in await world.later(minutes=15)] == [DeployRequested]
    await world.later(seconds=30)
    assert await world.phase() is Phase.CANCELING
    assert [type(e) for e in await world.later(seconds=30)] == [CancelRequested]
    await world.tell(canceled())
    assert await world.phase() is Phase.CANCELED


async def test_a_dispatch_is_asked_for_with_the_request(world: World) -> None:
    await world.deploy()
    await world.tell(verified())
    assert [type(e) for e in await world.later(seconds=30)] == [DeployRequested]
    assert [type(e) for e in await world.later(hours=1)] == [DeployRequested]
    assert await world.phase() is Phase.DISPATCHING


async def test_a_silent_tool_is_canceled_after_github_was_asked(world: World) -> None:
    await world.deploy()
    await world.tell(verified(), created())
    assert await world.later(minutes=30) == []
    [sync] = await world.recorded(SyncRequested)
    assert [type(e) for e in await world.later(seconds=30)] == [SyncRequested]
    assert await world.phase() is Phase.CREATED
    await world.tell(synced(sync.data.sync_id, None))
    await world.later(seconds=1)
    assert await world.phase() is Phase.CANCELING
    [message] = await world.recorded(CancelRequested)
    assert message.data.code == "no_tooling_answered"


async def test_while_github_is_away_nothing_is_canceled(world: World) -> None:
    await world.deploy()
    await world.tell(created(), status(1, "in_progress"))
    for _ in range(200):
        await world.later(minutes=1)
    assert await world.phase() is Phase.RUNNING
    assert len(await world.recorded(SyncRequested)) == 1
    assert len(await world.recorded(AskedAgain)) < 80


async def test_the_grace_period_ends_with_one_release(world: World) -> None:
    await world.deploy()
    await world.tell(created())
    await world.gateway.cancel_deployment(ONE, ANN, "")
    await world.tell(canceled(created=True))
    await world.later(minutes=5)
    await world.later(minutes=5)
    [message] = await world.recorded(SlotReleaseRequested)
    assert message.data.cause == "grace"


async def test_a_holder_that_has_ended_is_said_to_have_ended(world: World) -> None:
    await world.deploy()
    await world.deploy(TWO)
    await world.tell(created(), status(1, "success"))
    holder = Holder(deployment_id=str(ONE), number=1, since=T0)
    await world.tell(rejected(TWO, holder))
    [message] = await world.recorded(SlotReleaseRequested)
    assert message.data.cause == "ended"
    await world.tell(rejected(TWO, holder))
    assert [m.id for m in world.store.repeats()] == [message.id]


@pytest.mark.parametrize("holder_id", [ONE, UUID(int=99)])
async def test_a_holder_that_has_not_ended_is_left_alone(
    world: World, holder_id: UUID
) -> None:
    await world.deploy()
    await world.deploy(TWO)
    await world.gateway.cancel_deployment(ONE, ANN, "")
    await world.tell(created(), canceled(created=True), status(1, "error", ours=True))
    holder = Holder(deployment_id=str(holder_id), number=1, since=T0)
    await world.tell(rejected(TWO, holder))
    assert not await world.recorded(SlotReleaseRequested, holder_id)


async def test_an_unanswered_command_is_said_again_and_then_left(world: World) -> None:
    command = RepositoryActivationRequested(
        command_id=uuid4(), repository=REPO, requested_by=ANN
    )
    await world.gateway.command_repository(command)
    world.clock.advance(timedelta(seconds=30))
    await world.gateway.pass_repository_deadline(stream_of(REPO.id))
    [repeat] = world.store.repeats()
    assert (repeat.data, repeat.asked) == (command, True)
    world.clock.advance(timedelta(minutes=15))
    await world.gateway.pass_repository_deadline(stream_of(REPO.id))
    assert not world.store.repeats()
    known = await world.gateway.repositories.get(stream_of(REPO.id))
    assert known.active
    assert known.newest
    assert known.newest.left


async def test_who_is_overtaken_is_told_to_look_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def overtaken(*_: object) -> Deployment:
        return given(requested(), review_requested())

    monkeypatch.setattr(world.gateway, "change_deployment", overtaken)
    opinion = Opinion(
        review_id=UUID(int=6),
        reviewer=BOB,
        state="approved",
        comment="",
        shown=Shown(),
        at=T0,
    )
    with pytest.raises(RefusedError) as raised:
        await world.gateway.review_deployment(ONE, opinion)
    assert raised.value.refusal == Refusal(
        "deployment_conflict", "It has changed meanwhile. Look, and retry."
    )
