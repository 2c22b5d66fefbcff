"""An environment as it stood at a time, told from the history of what was there.

The rows say where to look: at what had begun by then and had not ended before.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from operator import itemgetter
from typing import TypeVar
from uuid import UUID

from sqlalchemy import and_, or_, select, union_all

from api_gateway.application import Gateway
from api_gateway.domain import deadlines, deployment, hold, lock
from api_gateway.domain.decisions import PLACED
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.hold import Hold
from api_gateway.domain.lock import Lock, LockState
from api_gateway.domain.outcome import ended_at
from api_gateway.domain.phase import Phase
from shared.contracts import Fact, Message

from .documents import Document
from .environments import in_line
from .history import as_listed, overlaid
from .holds import hold_row
from .lock_queries import LockQueries
from .locks import lock_row
from .queries import LISTED, SHOWN, Queries
from .tables import DEPLOYMENTS, HOLDS, OPEN, micros

D, H = DEPLOYMENTS.c, HOLDS.c
S = TypeVar("S")
F = TypeVar("F", bound=Fact)
#: A deployment as it is shown now, and what was known of it then.
Known = tuple[Document, Deployment]
#: So many at once nobody has.
MOST = 200
#: Longer than anything takes.
SPANS = range(26)


class Past:
    def __init__(self, gateway: Gateway, queries: Queries) -> None:
        self._gateway = gateway
        self._queries = queries
        self._locks = LockQueries(queries)

    async def environment(
        self, repo_id: int, shown: Document, at: datetime
    ) -> Document:
        """How an environment that is known now stood then."""
        key = shown["name"].casefold()
        there = [
            (document, known)
            for document in await self._present(repo_id, key, at)
            if (known := await self._then(UUID(document["uuid"]), at)).about
        ]
        limits = self._gateway.limits
        # Whatever frees its place waits for nothing more.
        open_ = [
            (as_listed(d, known, limits), known.phase)
            for d, known in there
            if deadlines.due(known, limits)
        ]
        return {
            **shown,
            "live": await self._live(repo_id, key, at, there),
            "running": [d for d, phase in open_ if phase in PLACED],
            "queue": in_line(
                [d for d, phase in open_ if phase is Phase.WAITING_IN_QUEUE]
            ),
            "lock": await self._lock(repo_id, key, at),
            "hold": await self._hold(repo_id, key, at),
        }

    async def _present(
        self, repo_id: int, key: str, at: datetime
    ) -> Sequence[Document]:
        """What had begun by then, and of which more was told later or is yet to be."""
        then = micros(at)
        begun = select(D.id).where(
            D.repo_id == repo_id, D.env_key == key, D.created_at <= then
        )
        # What went on for about as long began within that time before.
        around = (and_(D.span == span, D.created_at > then - 4**span) for span in SPANS)
        ids = union_all(begun.where(OPEN), begun.where(or_(*around), D.told_at >= then))
        wanted = (
            select(*LISTED)
            .where(D.id.in_(ids.scalar_subquery()), SHOWN)
            .order_by(D.id.desc())
            .limit(MOST)
        )
        found = await self._queries.read(lambda c: self._queries.shown(c, wanted))
        return found[::-1]

    async def _live(
        self, repo_id: int, key: str, at: datetime, there: Sequence[Known]
    ) -> Document | None:
        """The last whose success was known by then.

        Of what nothing was told since, the rows know; of the others, their history.
        """
        unchanged = (
            select(*LISTED)
            .where(D.repo_id == repo_id, D.env_key == key, SHOWN)
            .where(D.succeeded_at <= micros(at), D.told_at < micros(at))
            .order_by(D.succeeded_at.desc(), D.id.desc())
            .limit(1)
        )
        shown = await self._queries.read(lambda c: self._queries.shown(c, unchanged))
        known = [(d, await self._then(UUID(d["uuid"]), at)) for d in shown]
        succeeded = [
            (ended, d["id"], as_listed(d, k, self._gateway.limits))
            for d, k in (*known, *there)
            if k.phase is Phase.SUCCESS and (ended := ended_at(k))
        ]
        return max(succeeded, key=itemgetter(0, 1))[2] if succeeded else None

    async def _lock(self, repo_id: int, key: str, at: datetime) -> Document | None:
        """The lock that was in force."""
        for shown in await self._locks.before(repo_id, key, at):
            messages = await self._gateway.locks.messages(UUID(shown["uuid"]))
            known = _folded(lock.evolve, messages, at, Lock())
            if known.state is LockState.LOCKED:
                return overlaid(shown, lock_row(known, self._gateway.limits))
        return None

    async def _hold(self, repo_id: int, key: str, at: datetime) -> Document | None:
        """The last rollback's, if it kept pushes out."""
        wanted = (
            select(H.stream)
            .where(H.repo_id == repo_id, H.env_key == key)
            .order_by(H.id.desc())
            .limit(MOST)
        )
        for stream in await self._queries.read(lambda c: c.scalars(wanted).all()):
            messages = await self._gateway.holds.messages(stream)
            known = _folded(hold.evolve, messages, at, Hold())
            row = hold_row(known, self._gateway.limits)
            if row is not None:
                return row["document"] if known.active else None
        return None

    async def _then(self, stream: UUID, at: datetime) -> Deployment:
        messages = await self._gateway.deployments.messages(stream)
        return _folded(deployment.evolve, messages, at, Deployment())


def _folded(
    evolve: Callable[[S, Message[F]], S],
    messages: Sequence[Message[F]],
    at: datetime,
    nothing: S,
) -> S:
    """What was known by then."""
    return reduce(evolve, (m for m in messages if m.time <= at), nothing)
