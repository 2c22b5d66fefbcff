"""What the entries of the log make of the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from api_gateway.domain import (
    command_deadlines,
    deployment,
    hold,
    lock,
    remote_status,
    repository,
)
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import DEPLOYMENT_FACTS
from api_gateway.domain.hold import HOLD_FACTS, Hold
from api_gateway.domain.lock import LOCK_FACTS, Lock
from api_gateway.domain.remote_status import REMOTE_STATUS_FACTS, RemoteStatus
from api_gateway.domain.repository import REPOSITORY_FACTS, Repository
from shared.contracts import (
    AutoDeployHeld,
    DeployRequested,
    ForeignDeploymentSeen,
    LockRequested,
    RemoteStatusRequested,
    StatusUpdated,
)
from shared.store import Logged, Store

from .acts import write_acts
from .deployments import deployment_row
from .documents import repository_document, status_document
from .folds import Folds
from .holds import hold_row
from .kinds import Kind, Row, insert_missing
from .locks import lock_row
from .remote_statuses import remote_status_row
from .reviews import write_reviews
from .tables import (
    DEPLOYMENTS,
    HOLDS,
    LOCKS,
    REMOTE_STATUSES,
    REPOSITORIES,
    STATUSES,
    micros,
)


@dataclass(frozen=True)
class Batch:
    """Entries of the log, and the states of their streams with them, kind by kind."""

    entries: Sequence[Logged]
    states: Sequence[Mapping[UUID, Any]]

    def after(self, position: int) -> "Batch":
        """Without the entries that were written already."""
        fresh = [e for e in self.entries if e.position > position]
        return replace(self, entries=fresh)


class Rows:
    """Follows the log from one reader's place, and writes what follows from it."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._limits = limits
        self._kinds: Sequence[Kind[Any, Any]] = (
            Kind(
                table=DEPLOYMENTS,
                stream="uuid",
                facts=DEPLOYMENT_FACTS,
                made_by=(DeployRequested, ForeignDeploymentSeen),
                folds=Folds(store, Deployment(), deployment.evolve),
                row=partial(deployment_row, limits=limits),
            ),
            Kind(
                table=REPOSITORIES,
                stream="stream",
                facts=REPOSITORY_FACTS,
                made_by=(),
                folds=Folds(store, Repository(), repository.evolve),
                row=self._repository,
            ),
            Kind(
                table=LOCKS,
                stream="stream",
                facts=LOCK_FACTS,
                made_by=(LockRequested,),
                folds=Folds(store, Lock(), lock.evolve),
                row=partial(lock_row, limits=limits),
            ),
            Kind(
                table=HOLDS,
                stream="stream",
                facts=HOLD_FACTS,
                made_by=(AutoDeployHeld,),
                folds=Folds(store, Hold(), hold.evolve),
                row=partial(hold_row, limits=limits),
            ),
            Kind(
                table=REMOTE_STATUSES,
                stream="stream",
                facts=REMOTE_STATUS_FACTS,
                made_by=(RemoteStatusRequested,),
                folds=Folds(store, RemoteStatus(), remote_status.evolve),
                row=partial(remote_status_row, limits=limits),
            ),
        )

    async def batch(self, entries: Sequence[Logged]) -> Batch:
        """The entries that come next, folded."""
        return Batch(entries, [await kind.states(entries) for kind in self._kinds])

    def write(self, c: Connection, batch: Batch) -> None:
        """Bring the tables that the connection knows up to date."""
        for kind, states in zip(self._kinds, batch.states, strict=True):
            kind.write(c, batch.entries, states)
        _write_statuses(c, batch.entries)
        write_acts(c, batch.entries)
        # The deployments are the first kind.
        write_reviews(c, batch.entries, batch.states[0])

    def _repository(self, known: Repository) -> Row | None:
        if not known.newest or not known.newest.command:
            return None
        document = repository_document(known)
        due = command_deadlines.due(known.waiting, self._limits)
        return {
            "id": document["id"],
            "stream": repository.stream_of(document["id"]),
            "name": f"{document['namespace']}/{document['name']}".lower(),
            "active": known.active,
            "deployed_at": micros(known.deployed_at) if known.deployed_at else 0,
            "due_at": due and micros(due),
            "document": document,
        }


def _write_statuses(c: Connection, entries: Sequence[Logged]) -> None:
    rows = [
        {
            "id": e.position,
            "deployment": e.message.data.deployment_id,
            "github_status_id": e.message.data.github_status_id,
            "document": status_document(e.message.data),
        }
        for e in entries
        if isinstance(e.message.data, StatusUpdated)
    ]
    insert_missing(c, STATUSES, rows, "deployment", "github_status_id")
