"""What GitHub could not deliver is taken in once, by one of the replicas."""

import asyncio
from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from prometheus_client import REGISTRY

from shared.contracts import RefPushed, RepositoryActivated, RepositoryGone
from shared.store import Store
from shared.testing import T0, FakeClock, said, until
from status_sync.application import StatusSync
from status_sync.domain import hooks
from status_sync.domain.delivery import DeliverySwept
from status_sync.domain.hooks import HookNoticed, HookState, OwnHook
from status_sync.domain.repository import RepositoryFound
from status_sync.ports import NoAnswerError
from status_sync.reconcile import MOST_FAILURES, MOST_FETCHED, Attempt

from .conftest import FakeGitHub, FakeTurns, a_webhook, facts, no_hint, payload
from .examples import ABOUT, CREATED, DEPLOYMENT, REPOSITORY, SUCCESS, status

HOOK = RepositoryActivated(command_id=DEPLOYMENT, repository=REPOSITORY, webhook_id=50)
INTERVAL = timedelta(minutes=5)
PUSH = orjson.dumps(
    {
        "ref": "refs/heads/main",
        "before": "0" * 40,
        "after": "b" * 40,
        "head_commit": {"id": "b" * 40},
        "repository": {"id": 7, "full_name": "octo/shop", "pushed_at": 1767603600},
        "sender": {"id": 3, "login": "mona"},
    }
)


@pytest.fixture(autouse=True)
async def followed(sync: StatusSync) -> None:
    await sync.take_hook(said(HOOK))


def failed(
    guid: str, ago: timedelta = timedelta(), event: str = "deployment_status"
) -> Attempt:
    return Attempt(hash(guid) % 1_000, guid, event, T0 - ago, arrived=False)


async def told(store: Store, *kinds: type) -> list[object]:
    data = [one.message.data for one in await store.log(0)]
    return [fact for fact in data if isinstance(fact, kinds)]


def swept(event: str, outcome: str) -> float:
    labels = {"event": event, "outcome": outcome}
    return REGISTRY.get_sample_value("gitploy_deliveries_swept_total", labels) or 0


async def test_the_sweep_takes_in_what_did_not_arrive_once(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    before = swept("deployment_status", "taken_in")
    await sync.take_created(said(CREATED))
    github.failed = [failed("lost", timedelta(hours=1))]
    github.bodies = {"lost": payload(SUCCESS)}
    await sync.sweep()
    clock.advance(INTERVAL)
    await sync.sweep()
    assert await facts(store) == [CREATED, SUCCESS.of(DEPLOYMENT)]
    assert github.fetched == ["lost"]
    assert swept("deployment_status", "taken_in") == before + 1


async def test_a_lost_push_is_said_once_whoever_brings_it(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.failed = [failed("pushed", event="push")]
    github.bodies = {"pushed": PUSH}
    await sync.hear(a_webhook("push", PUSH, "pushed"))
    await sync.sweep()
    await sync.hear(a_webhook("push", PUSH, "pushed"))
    (pushed,) = await told(store, RefPushed)
    assert isinstance(pushed, RefPushed)
    assert pushed.delivery_id == "pushed"
    assert len(await told(store, DeliverySwept)) == 1


async def test_the_first_sweep_looks_back_three_days(
    sync: StatusSync, github: FakeGitHub
) -> None:
    github.failed = [failed("old", timedelta(days=3, seconds=1))]
    await sync.sweep()
    assert github.since == [T0 - timedelta(days=3)]
    assert github.fetched == []


async def test_the_next_sweep_goes_on_where_the_last_one_ended(
    sync: StatusSync, github: FakeGitHub, clock: FakeClock
) -> None:
    await sync.sweep()
    clock.advance(INTERVAL)
    await sync.sweep()
    assert github.since[1] == T0 - timedelta(minutes=10)


async def test_several_replicas_sweep_once(
    sync: StatusSync, store: Store, github: FakeGitHub, turns: FakeTurns
) -> None:
    other = StatusSync(store, github, turns, no_hint)
    await sync.sweep()
    await other.sweep()
    assert len(github.since) == 1


async def test_a_lost_delivery_that_can_not_be_read_holds_up_no_other(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    before = swept("deployment_status", "unreadable")
    github.failed = [failed("broken", timedelta(seconds=1)), failed("good")]
    github.bodies = {"broken": b"null", "good": payload(SUCCESS)}
    await sync.sweep()
    clock.advance(INTERVAL)
    await sync.sweep()
    assert await facts(store) == [ABOUT, SUCCESS]
    assert github.fetched == ["broken", "good"]
    assert swept("deployment_status", "unreadable") == before + 1


async def test_one_that_github_has_forgotten_is_let_go(
    sync: StatusSync, github: FakeGitHub, clock: FakeClock
) -> None:
    before = swept("deployment_status", "forgotten")
    github.failed = [failed("forgotten", timedelta(hours=1))]
    await sync.sweep()
    clock.advance(INTERVAL)
    await sync.sweep()
    assert github.fetched == ["forgotten"]
    assert swept("deployment_status", "forgotten") == before + 1


async def test_one_that_github_does_not_hand_out_is_asked_for_again(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    github.failed = [failed("withheld", timedelta(hours=1)), failed("good")]
    github.bodies = {"withheld": payload(SUCCESS), "good": payload(status(904))}
    github.withheld = {"withheld"}
    await sync.sweep()
    clock.advance(INTERVAL)
    github.withheld = set()
    await sync.sweep()
    assert github.fetched == ["withheld", "good", "withheld"]
    assert (await facts(store))[-1] == SUCCESS


async def test_a_github_that_hands_nothing_out_is_not_asked_for_all(
    sync: StatusSync, github: FakeGitHub
) -> None:
    guids = [f"guid-{n}" for n in range(20)]
    github.failed = [failed(guid) for guid in guids]
    github.withheld = set(guids)
    await sync.sweep()
    assert len(github.fetched) == MOST_FAILURES


async def test_what_is_too_much_for_one_sweep_is_left_to_the_next(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    count = MOST_FETCHED + 3
    ages = {f"guid-{n}": timedelta(hours=1, seconds=-n) for n in range(count)}
    github.failed = [failed(guid, age) for guid, age in ages.items()]
    github.bodies = dict.fromkeys(ages, payload(SUCCESS))
    await sync.sweep()
    assert len(github.fetched) == MOST_FETCHED
    clock.advance(INTERVAL)
    await sync.sweep()
    assert sorted(github.fetched) == sorted(ages)


async def test_a_receipt_is_small(
    sync: StatusSync, store: Store, github: FakeGitHub
) -> None:
    github.failed = [failed("lost", event="deployment")]
    github.bodies = {"lost": b"{}"}
    await sync.sweep()
    (receipt,) = await told(store, DeliverySwept)
    assert isinstance(receipt, DeliverySwept)
    assert (receipt.event, receipt.repository_id) == ("deployment", 7)


async def test_a_sweep_outlives_githubs_absence(
    sync: StatusSync, github: FakeGitHub
) -> None:
    github.away = NoAnswerError("no connection", timedelta(seconds=10))
    await sync.sweep()
    assert (await sync.hooks.get(hooks.STREAM)).active == [OwnHook(REPOSITORY, 50)]


async def test_what_a_sweep_could_not_ask_for_the_next_one_does(
    sync: StatusSync, github: FakeGitHub, clock: FakeClock
) -> None:
    await sync.sweep()
    clock.advance(INTERVAL)
    github.away = NoAnswerError("no connection", timedelta(seconds=10))
    await sync.sweep()
    clock.advance(INTERVAL)
    github.away = None
    await sync.sweep()
    assert github.since[-1] == T0 - timedelta(minutes=10)


@pytest.mark.parametrize(
    "state", [HookState.MISSING, HookState.DISABLED, HookState.OUTDATED]
)
async def test_a_hook_that_is_no_good_is_noticed_once_and_shown(
    sync: StatusSync,
    store: Store,
    github: FakeGitHub,
    clock: FakeClock,
    state: HookState,
) -> None:
    github.state = state
    for _ in range(2):
        await sync.sweep()
        clock.advance(INTERVAL)
    (noticed,) = await told(store, HookNoticed)
    assert isinstance(noticed, HookNoticed)
    assert (noticed.webhook_id, noticed.state) == (50, state)
    shown = {"state": state.value}
    assert REGISTRY.get_sample_value("gitploy_hooks", shown) == 1
    github.state = HookState.OK
    await sync.sweep()
    assert len(await told(store, HookNoticed)) == 2
    assert REGISTRY.get_sample_value("gitploy_hooks", shown) == 0


async def test_a_hook_that_is_missing_has_no_deliveries_to_ask_for(
    sync: StatusSync, github: FakeGitHub
) -> None:
    github.state = HookState.MISSING
    await sync.sweep()
    assert github.since == []


async def test_the_sweep_finds_out_that_a_repository_is_gone(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    github.name = None
    for _ in range(8):
        await sync.sweep()
        clock.advance(INTERVAL)
    (gone,) = await told(store, RepositoryGone)
    assert isinstance(gone, RepositoryGone)
    assert (gone.reason, gone.seen_at) == ("out_of_reach", T0 + timedelta(minutes=30))
    assert github.since == []


async def lost(sync: StatusSync, github: FakeGitHub, clock: FakeClock) -> None:
    """Sweep until the repository is gone."""
    github.name = None
    for _ in range(8):
        await sync.sweep()
        clock.advance(INTERVAL)


async def test_a_repository_that_is_gone_is_looked_for_rarely(
    sync: StatusSync, github: FakeGitHub, clock: FakeClock
) -> None:
    await lost(sync, github, clock)
    before = github.located
    for _ in range(24):
        await sync.sweep()
        clock.advance(INTERVAL)
    assert github.located - before == 2


async def test_one_that_comes_back_is_swept_at_once(
    sync: StatusSync, github: FakeGitHub, clock: FakeClock
) -> None:
    await sync.sweep()
    clock.advance(INTERVAL)
    await lost(sync, github, clock)
    clock.advance(INTERVAL * 12)
    github.name = REPOSITORY.full_name
    await sync.sweep()
    assert github.since[-1] == T0 - timedelta(minutes=10)


async def test_one_that_is_activated_again_is_looked_at_at_once(
    sync: StatusSync, store: Store, github: FakeGitHub, clock: FakeClock
) -> None:
    await lost(sync, github, clock)
    await sync.sweep()
    github.name = REPOSITORY.full_name
    again = HOOK.model_copy(update={"command_id": UUID(int=9)})
    await sync.take_hook(said(again, revision=2))
    looking = asyncio.create_task(sync.look_when_touched())

    async def found() -> bool:
        return bool(await told(store, RepositoryFound))

    await until(found)
    looking.cancel()
    await asyncio.wait([looking])
