"""Reads how the environments of a repository stand."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    literal_column,
    select,
)

from api_gateway.domain.decisions import PLACED
from api_gateway.domain.phase import Phase

from .documents import Document
from .lock_queries import LockQueries
from .queries import LISTED, SHOWN, Queries
from .tables import DEPLOYMENTS, HOLDS, OPEN

D, H = DEPLOYMENTS.c, HOLDS.c
#: What only asked for an environment says nothing of whether there is one.
UNPROVEN = (Phase.REQUESTED, Phase.REJECTED)


class EnvironmentQueries:
    """An environment is known by its name in one case, its key."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._locks = LockQueries(queries)

    async def environments(self, repo_id: int) -> list[Document]:
        """All that were deployed to or are locked, by their names."""
        return await self._of(repo_id, None)

    async def environment(self, repo_id: int, env: str) -> Document | None:
        """One of them."""
        found = await self._of(repo_id, env)
        return found[0] if found else None

    async def hold(self, stream: UUID) -> Document | None:
        """A hold, also one that has ended."""
        wanted = select(HOLDS).where(H.stream == stream)
        row = await self._queries.read(lambda c: c.execute(wanted).first())
        return None if row is None else {"active": row.active, **row.document}

    async def _of(self, repo_id: int, env: str | None) -> list[Document]:
        locks = await self._locks.in_force(repo_id, env)
        locked = {lock["env"].casefold(): lock for lock in locks}

        def read(c: Connection) -> list[Document]:
            holds = _holds(c, repo_id)
            known = {*deployed_to(c, repo_id), *locked, *holds}
            keys = known if env is None else known & {env.casefold()}
            # Ordered here: there are few, and the index of the open ones has no order.
            open_ = self._queries.shown(c, _open(repo_id, env))
            open_.sort(key=itemgetter("id"))
            return [
                {
                    "name": written_name(c, repo_id, key)
                    or {**holds, **locked}[key]["env"],
                    "live": self._live(c, repo_id, key),
                    "running": _in(open_, key, PLACED),
                    "lock": locked.get(key),
                    "queue": in_line(_in(open_, key, {Phase.WAITING_IN_QUEUE})),
                    "hold": holds.get(key),
                }
                for key in sorted(keys)
            ]

        return await self._queries.read(read)

    def _live(self, c: Connection, repo_id: int, key: str) -> Document | None:
        """What succeeded last is there, until something else does."""
        wanted = (
            select(*LISTED)
            .where(D.repo_id == repo_id, D.env_key == key)
            .where(D.succeeded_at.is_not(None), SHOWN)
            .order_by(D.succeeded_at.desc(), D.id.desc())
            .limit(1)
        )
        shown = self._queries.shown(c, wanted)
        return shown[0] if shown else None


def deployed_to(c: Connection, repo_id: int) -> Sequence[str]:
    """The keys of those that something but a refusal happened to.

    From one key to the next by the index, past all deployments in between.
    """
    first = select(func.min(D.env_key).label("env_key")).where(D.repo_id == repo_id)
    keys = first.cte("keys", recursive=True)
    last = keys.alias("last")
    following = (
        select(func.min(D.env_key))
        .where(D.repo_id == repo_id, D.env_key > last.c.env_key)
        .scalar_subquery()
    )
    keys = keys.union_all(select(following).where(last.c.env_key.is_not(None)))
    happened = exists(literal_column("1")).where(
        and_(
            D.repo_id == repo_id,
            D.env_key == keys.c.env_key,
            D.phase.not_in(UNPROVEN),
        )
    )
    return c.scalars(select(keys.c.env_key).where(happened)).all()


def written_name(c: Connection, repo_id: int, key: str) -> str | None:
    """As it was written last when somebody deployed there."""
    written = (
        select(D.env)
        .where(D.repo_id == repo_id, D.env_key == key, D.phase.not_in(UNPROVEN))
        .order_by(D.id.desc())
        .limit(1)
    )
    return c.scalar(written)


def _open(repo_id: int, env: str | None) -> Select[Any]:
    """What may have a place there, or waits for one."""
    wanted = select(*LISTED).where(D.repo_id == repo_id, OPEN, SHOWN)
    wanted = wanted.where(D.phase.in_({*PLACED, Phase.WAITING_IN_QUEUE}))
    if env is not None:
        wanted = wanted.where(D.env_key == env.casefold())
    return wanted


def _holds(c: Connection, repo_id: int) -> dict[str, Document]:
    """Of each environment the last rollback's, if it still keeps pushes out."""
    rows = c.execute(select(HOLDS).where(H.repo_id == repo_id)).all()
    newest: dict[str, Row[Any]] = {row.env_key: row for row in sorted(rows, key=_age)}
    return {key: row.document for key, row in newest.items() if row.active}


def _age(hold: Row[Any]) -> tuple[datetime, int]:
    """One with a lower number may go out later."""
    return datetime.fromisoformat(hold.document["since"]), hold.number


def _in(
    deployments: Sequence[Document], key: str, phases: Collection[Phase]
) -> list[Document]:
    return [
        d for d in deployments if d["env"].casefold() == key and d["phase"] in phases
    ]


def in_line(waiting: Sequence[Document]) -> list[Document]:
    """Who waits in line, the next one first."""
    return [
        {
            "number": d["number"],
            "uuid": d["uuid"],
            "position": d["waits_for"]["position"],
            "since": d["waits_for"]["since"],
            "until": d["waits_for"]["until"],
        }
        for d in sorted(waiting, key=lambda d: d["waits_for"]["position"])
    ]
