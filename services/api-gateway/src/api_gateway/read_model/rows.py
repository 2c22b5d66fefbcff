"""What the entries of the log make of the rows.

A row is made from the folded state of its stream. That state may be ahead of the
entries and does no harm then: it doesn't depend on the order of the messages, so those
that come yet change nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, update
from sqlalchemy.dialects import postgresql, sqlite

from api_gateway.domain import command_deadlines, deadlines, deployment, repository
from api_gateway.domain.deadlines import Limits
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import DEPLOYMENT_FACTS, DeploymentFact
from api_gateway.domain.repository import (
    REPOSITORY_FACTS,
    Repository,
    RepositoryFact,
)
from shared.contracts import DeployRequested, StatusUpdated
from shared.store import Logged, Store

from .deployments import deployment_document
from .documents import repository_document, status_document
from .folds import Folds
from .tables import DEPLOYMENTS, REPOSITORIES, STATUSES, micros

Row = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """Entries of the log, and the states of their streams with them."""

    entries: Sequence[Logged]
    deployments: Mapping[UUID, Deployment]
    repositories: Mapping[UUID, Repository]

    def after(self, position: int) -> "Batch":
        """Without the entries that were written already."""
        fresh = [e for e in self.entries if e.position > position]
        return Batch(fresh, self.deployments, self.repositories)


class Rows:
    """Follows the log from one reader's place, and writes what follows from it."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._limits = limits
        self._deployments: Folds[Deployment, DeploymentFact] = Folds(
            store, Deployment(), deployment.evolve
        )
        self._repositories: Folds[Repository, RepositoryFact] = Folds(
            store, Repository(), repository.evolve
        )

    async def batch(self, entries: Sequence[Logged]) -> Batch:
        """The entries that come next, folded."""
        return Batch(
            entries,
            await self._deployments.after(
                e for e in entries if type(e.message.data) in DEPLOYMENT_FACTS
            ),
            await self._repositories.after(
                e for e in entries if type(e.message.data) in REPOSITORY_FACTS
            ),
        )

    def write(self, c: Connection, batch: Batch) -> None:
        """Bring the tables that the connection knows up to date."""
        self._write_deployments(c, batch)
        self._write_repositories(c, batch.repositories)
        _write_statuses(c, batch.entries)

    def _write_deployments(self, c: Connection, batch: Batch) -> None:
        new = [
            self._deployment_row(batch.deployments[e.stream]) | {"id": e.position}
            for e in batch.entries
            if isinstance(e.message.data, DeployRequested)
        ]
        insert_missing(c, DEPLOYMENTS, new, "uuid")
        inserted = {row["uuid"] for row in new}
        for stream, state in batch.deployments.items():
            if state.request and stream not in inserted:
                c.execute(
                    update(DEPLOYMENTS)
                    .where(DEPLOYMENTS.c.uuid == stream)
                    .values(self._deployment_row(state))
                )

    def _deployment_row(self, known: Deployment) -> Row:
        if known.request is None:
            raise ValueError("a deployment without its request has no row")
        request, phase = known.request.data, known.phase
        due = deadlines.due(known, self._limits)
        return {
            "uuid": request.deployment_id,
            "repo_id": request.repository.id,
            "number": request.number,
            "env": request.environment,
            "status": phase.status,
            "phase": phase.value,
            "due_at": due and micros(due.at),
            "document": deployment_document(known),
        }

    def _write_repositories(
        self, c: Connection, known: Mapping[UUID, Repository]
    ) -> None:
        for stream, state in known.items():
            if not state.newest:
                continue
            document = repository_document(state)
            due = command_deadlines.due(state.waiting, self._limits)
            row = {
                "id": document["id"],
                "stream": stream,
                "name": f"{document['namespace']}/{document['name']}".lower(),
                "active": state.active,
                "due_at": due and micros(due),
                "document": document,
            }
            insert_missing(c, REPOSITORIES, [row], "id")
            c.execute(
                update(REPOSITORIES).where(REPOSITORIES.c.stream == stream).values(row)
            )


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


def insert_missing(c: Connection, table: Table, rows: Sequence[Row], *key: str) -> None:
    """Insert the rows whose key isn't there yet."""
    if not rows:
        return
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    c.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=key), rows)
