"""Turns the log into rows.

A batch of the log and the position after it are one transaction, and the position's row
is locked first: of several replicas that follow the same log one applies each entry. A
row is made from the folded state of its stream. That state may be ahead of the position
and does no harm then: it doesn't depend on the order of the messages, so those that
come yet change nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, select, update
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

from .documents import deployment_document, repository_document, status_document
from .folds import Folds
from .tables import (
    DEPLOYMENTS,
    POSITIONS,
    REPOSITORIES,
    STATUSES,
    VERSION,
    create,
    micros,
)

Row = dict[str, Any]
BATCH = 500


class Projection:
    """The rows, and how far they have come."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self.store = store
        self.limits = limits
        self._engine = store.views.engine
        self._deployments: Folds[Deployment, DeploymentFact] = Folds(
            store, Deployment(), deployment.evolve
        )
        self._repositories: Folds[Repository, RepositoryFact] = Folds(
            store, Repository(), repository.evolve
        )

    async def prepare(self) -> int:
        """Make what is missing; answers the position."""

        def work() -> int:
            with self._engine.begin() as c:
                create(c)
                row = {"version": VERSION, "position": 0}
                _insert_missing(c, POSITIONS, [row], "version")
                return _locked_position(c)

        return await self.store.run(work)

    async def apply(self, start: int, entries: Sequence[Logged]) -> int:
        """Apply what follows `start`; answers the position, whoever moved it there.

        It is less than `start` when somebody began from the beginning: nothing was
        applied then, and the entries after that position are needed.
        """
        deployments = await self._deployments.after(
            e for e in entries if type(e.message.data) in DEPLOYMENT_FACTS
        )
        repositories = await self._repositories.after(
            e for e in entries if type(e.message.data) in REPOSITORY_FACTS
        )

        def work() -> int:
            with self._engine.begin() as c:
                position = _locked_position(c)
                if not start <= position < entries[-1].position:
                    return position
                fresh = [e for e in entries if e.position > position]
                self._write_deployments(c, fresh, deployments)
                self._write_repositories(c, repositories)
                _write_statuses(c, fresh)
                _move(c, entries[-1].position)
                return entries[-1].position

        return await self.store.run(work)

    async def reset(self) -> None:
        """Forget everything; who applies next begins at the beginning."""

        def work() -> None:
            with self._engine.begin() as c:
                _locked_position(c)
                for table in (DEPLOYMENTS, STATUSES, REPOSITORIES):
                    c.execute(delete(table))
                _move(c, 0)

        await self.store.run(work)

    def _write_deployments(
        self, c: Connection, entries: Sequence[Logged], known: Mapping[UUID, Deployment]
    ) -> None:
        new = [
            self._deployment_row(known[e.stream]) | {"id": e.position}
            for e in entries
            if isinstance(e.message.data, DeployRequested)
        ]
        _insert_missing(c, DEPLOYMENTS, new, "uuid")
        inserted = {row["uuid"] for row in new}
        for stream, state in known.items():
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
        due = deadlines.due(known, self.limits)
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
            due = command_deadlines.due(state, self.limits)
            row = {
                "id": document["id"],
                "stream": stream,
                "name": f"{document['namespace']}/{document['name']}".lower(),
                "active": state.active,
                "due_at": due and micros(due),
                "document": document,
            }
            _insert_missing(c, REPOSITORIES, [row], "id")
            c.execute(
                update(REPOSITORIES).where(REPOSITORIES.c.stream == stream).values(row)
            )


async def rebuild(store: Store, limits: Limits) -> int:
    """Make all rows again from the log; answers how far it went."""
    projection = Projection(store, limits)
    await projection.prepare()
    await projection.reset()
    position = 0
    while entries := await store.log(position, BATCH):
        reached = await projection.apply(position, entries)
        # Others may be ahead, but what is folded here must have no gap.
        position = min(reached, entries[-1].position)
    return position


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
    _insert_missing(c, STATUSES, rows, "deployment", "github_status_id")


def _insert_missing(
    c: Connection, table: Table, rows: Sequence[Row], *key: str
) -> None:
    """Insert the rows whose key isn't there yet."""
    if not rows:
        return
    dialect = postgresql if c.dialect.name == "postgresql" else sqlite
    c.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=key), rows)


def _locked_position(c: Connection) -> int:
    """Nobody else applies until this transaction ends."""
    where = POSITIONS.c.version == VERSION
    statement = select(POSITIONS.c.position).where(where).with_for_update()
    position: int = c.execute(statement).scalar_one()
    return position


def _move(c: Connection, position: int) -> None:
    where = POSITIONS.c.version == VERSION
    c.execute(update(POSITIONS).where(where).values(position=position))
