"""What was live in an environment before a deployment."""

from sqlalchemy import Connection, select

from .documents import Document
from .queries import LISTED, SHOWN, Queries
from .tables import DEPLOYMENTS

D = DEPLOYMENTS.c


async def previous(queries: Queries, shown: Document) -> Document | None:
    """Of those that were asked for before it the one that succeeded last.

    If it has succeeded itself, then before that: what came later stayed.
    """
    own = select(D.succeeded_at).where(D.id == shown["id"])
    earlier = select(*LISTED).where(
        D.repo_id == shown["repo_id"],
        D.env_key == shown["env"].casefold(),
        D.id < shown["id"],
        D.succeeded_at.is_not(None),
        SHOWN,
    )
    latest = earlier.order_by(D.succeeded_at.desc(), D.id.desc()).limit(1)

    def read(c: Connection) -> Document | None:
        at = c.scalar(own)
        before = latest if at is None else latest.where(D.succeeded_at <= at)
        found = queries.shown(c, before)
        return found[0] if found else None

    return await queries.read(read)
