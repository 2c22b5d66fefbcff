"""An environment as it stood at a time, told from the history of what was there.

The rows say where to look: at what had begun by then and had not ended before.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import reduce
from typing import TypeVar
from uuid import UUID

from sqlalchemy import or_, select

from api_gateway.application import Gateway
from api_gateway.domain import deployment, hold, lock
from api_gateway.domain.decisions import PLACED
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.hold import Hold
from api_gateway.domain.lock import Lock, LockState
from api_gateway.domain.phase import Phase
from shared.contracts import Fact, Message

from .documents import Document
from .environments import in_line
from .history import as_listed, overlaid
from .holds import hold_row
from .lock_queries import LockQueries
from .locks import lock_row
from .paging import Page
from .queries import SHOWN, Queries
from .tables import DEPLOYMENTS, HOLDS, OPEN, micros

D, H = DEPLOYMENTS.c, HOLDS.c
S = TypeVar("S")
F = TypeVar("F", bound=Fact)
#: So many at once nobody has; and so many that succeeded late may stand before the one
#: that was live.
MOST, LATE = 200, 5


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
        told = [(as_listed(d, known, limits), known.phase) for d, known in there]
        return {
            **shown,
            "live": await self._live(repo_id, key, at),
            "running": [d for d, phase in told if phase in PLACED],
            "queue": in_line(
                [d for d, phase in told if phase is Phase.WAITING_IN_QUEUE]
            ),
            "lock": await self._lock(repo_id, key, at),
            "hold": await self._hold(repo_id, key, at),
        }

    async def _present(
        self, repo_id: int, key: str, at: datetime
    ) -> Sequence[Document]:
        """What had begun by then, and of which more was heard later or is yet to be."""
        wanted = (
            select(DEPLOYMENTS)
            .where(D.repo_id == repo_id, D.env_key == key, SHOWN)
            .where(D.created_at <= micros(at))
            .where(or_(OPEN, D.updated_at >= micros(at)))
            .order_by(D.id.desc())
            .limit(MOST)
        )
        found = await self._queries.read(lambda c: self._queries.shown(c, wanted))
        return found[::-1]

    async def _live(self, repo_id: int, key: str, at: datetime) -> Document | None:
        """The last whose success was known by then."""
        wanted = (
            select(DEPLOYMENTS)
            .where(D.repo_id == repo_id, D.env_key == key, SHOWN)
            .where(D.succeeded_at <= micros(at))
            .order_by(D.succeeded_at.desc(), D.id.desc())
            .limit(LATE)
        )
        for shown in await self._queries.read(lambda c: self._queries.shown(c, wanted)):
            known = await self._then(UUID(shown["uuid"]), at)
            if known.phase is Phase.SUCCESS:
                return as_listed(shown, known, self._gateway.limits)
        return None

    async def _lock(self, repo_id: int, key: str, at: datetime) -> Document | None:
        """The lock that was in force."""
        newest = Page(size=MOST)
        for shown in await self._locks.history(repo_id, key, newest):
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
