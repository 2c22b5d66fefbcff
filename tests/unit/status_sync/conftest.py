"""status-sync in memory, with a GitHub that answers as a test wants."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

import orjson
import pytest

from shared.contracts import STATUS_SYNC, Fact, Repository
from shared.store import Store
from shared.testing import FakeClock
from status_sync.application import StatusSync
from status_sync.domain.github_deployment import StatusKept, stream_of
from status_sync.ports import NoAnswerError
from status_sync.reconcile import Attempt
from status_sync.webhooks import Webhook

from .examples import GITHUB_ID, REPOSITORY

STREAM = stream_of(REPOSITORY, GITHUB_ID)


class FakeGitHub:
    """Answers with what the test has put there."""

    def __init__(self) -> None:
        self.found: Sequence[StatusKept] | None = ()
        self.failed: list[Attempt] = []
        self.bodies: dict[str, bytes] = {}
        self.away: NoAnswerError | None = None
        self.fetched: list[str] = []

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | None:
        if self.away:
            raise self.away
        return self.found

    async def attempts(
        self, repository: Repository, webhook_id: int, since: datetime
    ) -> Sequence[Attempt]:
        if self.away:
            raise self.away
        return [attempt for attempt in self.failed if attempt.at >= since]

    async def delivery(
        self, repository: Repository, webhook_id: int, attempt: Attempt
    ) -> Webhook:
        self.fetched.append(attempt.guid)
        body = self.bodies[attempt.guid]
        return Webhook(attempt.event, attempt.guid, "application/json", body)


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(STATUS_SYNC, "memory://", clock=FakeClock())
    yield opened
    opened.close()


@pytest.fixture
def sync(store: Store, github: FakeGitHub) -> StatusSync:
    return StatusSync(store, github)


def webhook(status: StatusKept, guid: str = "guid-1") -> Webhook:
    return Webhook("deployment_status", guid, "application/json", payload(status))


def payload(status: StatusKept) -> bytes:
    return orjson.dumps(
        {
            "action": "created",
            "repository": REPOSITORY.model_dump(),
            "deployment": {"id": status.github_deployment_id, "sha": "a" * 40},
            "deployment_status": {
                "id": status.github_status_id,
                "state": status.state,
                "created_at": status.created_at,
            },
        }
    )


async def facts(store: Store, stream: UUID = STREAM) -> list[Fact]:
    return [row.message.data for row in await store.read(stream)]
