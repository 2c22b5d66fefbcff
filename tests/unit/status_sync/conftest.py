"""status-sync in memory, with a GitHub that answers as a test wants."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from shared.contracts import STATUS_SYNC, Fact, Hint, Repository
from shared.store import Store
from shared.testing import T0, FakeClock
from status_sync.application import StatusSync
from status_sync.domain.github_deployment import stream_of
from status_sync.domain.hooks import AnyHook, AppHook, HookState
from status_sync.domain.told import StatusKept
from status_sync.ports import Lack, NoAnswerError
from status_sync.reconcile import Attempt
from status_sync.webhooks import Webhook

from .examples import GITHUB_ID, REPOSITORY

STREAM = stream_of(REPOSITORY, GITHUB_ID)


class FakeGitHub:
    """Answers with what the test has put there."""

    def __init__(self) -> None:
        self.found: Sequence[StatusKept] | Lack = ()
        #: Under which name it shows the repository; None: it shows none.
        self.name: str | None = REPOSITORY.full_name
        self.state = HookState.OK
        self.failed: list[Attempt] = []
        self.bodies: dict[str, bytes] = {}
        self.away: NoAnswerError | None = None
        #: Deliveries that it does not hand out.
        self.withheld: set[str] = set()
        self.since: list[datetime] = []
        self.fetched: list[str] = []
        self.located = 0

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | Lack:
        self._answer()
        return self.found

    async def locate(self, repository: Repository) -> Repository | None:
        self._answer()
        self.located += 1
        if self.name is None:
            return None
        return Repository(id=repository.id, full_name=self.name)

    async def hook(self, hook: AnyHook) -> HookState:
        self._answer()
        return self.state

    async def attempts(self, hook: AnyHook, since: datetime) -> Sequence[Attempt]:
        self._answer()
        self.since.append(since)
        return [attempt for attempt in self.failed if attempt.at >= since]

    async def delivery(self, hook: AnyHook, attempt: Attempt) -> Webhook | None:
        self._answer()
        self.fetched.append(attempt.guid)
        if attempt.guid in self.withheld:
            raise NoAnswerError("500", timedelta(seconds=10))
        if attempt.guid not in self.bodies:
            return None
        body, kind = self.bodies[attempt.guid], "application/json"
        of_app = isinstance(hook, AppHook)
        return Webhook(attempt.event, attempt.guid, kind, body, attempt.at, of_app)

    def _answer(self) -> None:
        if self.away:
            raise self.away


class FakeTurns:
    """Whose turn it is, without a database."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.due: dict[str, datetime] = {}
        self.places: dict[str, int] = {}

    async def claim(self, work: str, every: timedelta) -> int | None:
        if self.due.get(work, T0) > self.clock():
            return None
        self.due[work] = self.clock() + every
        return self.places.get(work, 0)

    async def reach(self, work: str, place: int) -> None:
        self.places[work] = place


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(clock: FakeClock) -> Iterator[Store]:
    opened = Store.open(STATUS_SYNC, "memory://", clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def turns(clock: FakeClock) -> FakeTurns:
    return FakeTurns(clock)


@pytest.fixture
def hinted() -> list[Hint]:
    """The hints that were given."""
    return []


@pytest.fixture
def sync(
    store: Store, github: FakeGitHub, turns: FakeTurns, hinted: list[Hint]
) -> StatusSync:
    async def hint(given: Hint) -> None:
        hinted.append(given)

    return StatusSync(store, github, turns, hint)


async def no_hint(_: Hint) -> None:
    """Hints at nothing."""


def webhook(status: StatusKept, guid: str = "guid-1") -> Webhook:
    return a_webhook("deployment_status", payload(status), guid)


def a_webhook(event: str, body: bytes, guid: str = "guid-1") -> Webhook:
    return Webhook(event, guid, "application/json", body, T0)


def deployment_webhook(run: dict[str, Any] | None = None, **changed: Any) -> Webhook:
    deployment = {
        "id": GITHUB_ID,
        "sha": "a" * 40,
        "ref": "main",
        "environment": "production",
        "task": "deploy",
        "created_at": T0,
        **changed,
    }
    body = {
        "action": "created",
        "repository": REPOSITORY.model_dump(),
        "deployment": deployment,
        "workflow_run": run,
    }
    return a_webhook("deployment", orjson.dumps(body))


def payload(status: StatusKept) -> bytes:
    return orjson.dumps(
        {
            "action": "created",
            "repository": REPOSITORY.model_dump(),
            "deployment": {
                "id": status.github_deployment_id,
                "sha": "a" * 40,
                "ref": "main",
                "environment": "production",
                "task": "deploy",
                "created_at": T0,
            },
            "deployment_status": {
                "id": status.github_status_id,
                "state": status.state,
                "created_at": status.created_at,
            },
        }
    )


async def facts(store: Store, stream: UUID = STREAM) -> list[Fact]:
    return [row.message.data for row in await store.read(stream)]
