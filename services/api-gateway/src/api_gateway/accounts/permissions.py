"""What GitHub lets people do: what it said last of each person and repository."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from api_gateway.domain.access import Permission
from shared.store import among, bytewise, gathered

from .people import COLUMNS, Account, account_of
from .ports import Seen
from .records import Page
from .tables import EPOCH, PEOPLE, PERMISSIONS, REPOSITORIES, upsert

M, R = PERMISSIONS.c, REPOSITORIES.c
SOMETHING = M.permission != Permission.NONE


@dataclass(frozen=True)
class Known:
    """What GitHub said, and when."""

    permission: Permission
    synced_at: datetime


@dataclass(frozen=True)
class Shared:
    """One person's permission on a repository, to be shown."""

    id: int
    account: Account
    repo_id: int
    permission: Permission
    synced_at: datetime
    created_at: datetime
    updated_at: datetime


def known(c: Connection, user_id: int, repo_id: int) -> Known | None:
    """What is known of one person and one repository."""
    wanted = select(M.permission, M.synced_at).where(
        M.user_id == user_id, M.repo_id == repo_id
    )
    row = c.execute(wanted).first()
    return Known(Permission(row.permission), row.synced_at) if row else None


def put(c: Connection, user_id: int, told: Sequence[Seen], asked_at: datetime) -> bool:
    """GitHub has said this; whether it is anything new.

    What it says to a later question is not taken back.
    """
    if not told:
        return False
    before = of_person(c, user_id, EPOCH)
    repositories = [
        {
            "id": one.id,
            "full_name": one.full_name,
            "name_key": one.full_name.casefold(),
            "description": one.description,
            "seen_at": asked_at,
        }
        for one in told
        # Whoever may not see it has not told us its name.
        if one.permission is not Permission.NONE
    ]
    if repositories:
        new = upsert(c, REPOSITORIES)
        names = ("full_name", "name_key", "description", "seen_at")
        newest = {name: new.excluded[name] for name in names}
        c.execute(
            new.on_conflict_do_update(
                index_elements=["id"],
                set_=newest,
                where=R.seen_at <= new.excluded.seen_at,
            ),
            repositories,
        )
    times = dict.fromkeys(("synced_at", "created_at", "updated_at"), asked_at)
    fixed = {"user_id": user_id, **times}
    rows = [
        fixed | {"repo_id": one.id, "permission": one.permission.value} for one in told
    ]
    added = upsert(c, PERMISSIONS)
    changed = {n: added.excluded[n] for n in ("permission", "synced_at", "updated_at")}
    c.execute(
        added.on_conflict_do_update(
            index_elements=["user_id", "repo_id"],
            set_=changed,
            where=M.synced_at <= added.excluded.synced_at,
        ),
        rows,
    )
    return any(before.get(one.id, Permission.NONE) != one.permission for one in told)


def not_seen_since(c: Connection, user_id: int, begun: datetime) -> Sequence[int]:
    """The repositories of a person that were not among those asked for since then."""
    left = select(M.repo_id).where(M.user_id == user_id, M.synced_at < begun, SOMETHING)
    return c.scalars(left).all()


def forget(c: Connection, user_id: int) -> None:
    """Nothing is known any more of what a person may do."""
    c.execute(delete(PERMISSIONS).where(M.user_id == user_id))


def readable(c: Connection, user_id: int, since: datetime) -> Collection[int]:
    """Where a person may do something, as far as that was said since then."""
    wanted = select(gathered(M.repo_id)).where(
        M.user_id == user_id, SOMETHING, M.synced_at >= since
    )
    return c.execute(wanted).scalar_one()


def of_person(c: Connection, user_id: int, since: datetime) -> Mapping[int, Permission]:
    """What a person may do where, as far as that was said since then."""
    wanted = select(M.repo_id, M.permission).where(
        M.user_id == user_id, SOMETHING, M.synced_at >= since
    )
    return {row.repo_id: Permission(row.permission) for row in c.execute(wanted)}


def asked_since(c: Connection, user_id: int, since: datetime) -> Collection[int]:
    """The repositories of which GitHub has said since then what a person may do."""
    wanted = select(M.repo_id).where(M.user_id == user_id, M.synced_at >= since)
    return set(c.scalars(wanted))


def readers(
    c: Connection, repo_ids: Collection[int], user_ids: Collection[int], since: datetime
) -> Mapping[int, Collection[int]]:
    """Who of these people may do something in which of these repositories."""
    wanted = select(M.repo_id, M.user_id).where(
        M.repo_id.in_(repo_ids),
        M.user_id.in_(user_ids),
        SOMETHING,
        M.synced_at >= since,
    )
    found: dict[int, set[int]] = {repo_id: set() for repo_id in repo_ids}
    for row in c.execute(wanted):
        found[row.repo_id].add(row.user_id)
    return found


def repositories(c: Connection, ids: Collection[int]) -> Mapping[int, Seen]:
    """The repositories as GitHub showed them last."""
    rows = c.execute(select(REPOSITORIES).where(among(R.id, ids)))
    return {row.id: _seen(row) for row in rows}


def first_repositories(
    c: Connection, ids: Collection[int], contains: str, limit: int
) -> Sequence[Seen]:
    """The first of them by name, with this in their names."""
    wanted = (
        select(REPOSITORIES)
        .where(among(R.id, ids))
        .where(R.name_key.contains(contains.casefold(), autoescape=True))
        .order_by(bytewise(R.name_key), R.id)
        .limit(limit)
    )
    return [_seen(row) for row in c.execute(wanted)]


def named(c: Connection, full_name: str) -> Seen | None:
    """The repository of that name, as far as somebody has seen it."""
    wanted = select(REPOSITORIES).where(R.name_key == full_name.casefold())
    # The name may have been another repository's before.
    row = c.execute(wanted.order_by(R.seen_at.desc(), R.id.desc()).limit(1)).first()
    return _seen(row) if row else None


def of_repository(
    c: Connection, repo_id: int, contains: str, page: Page
) -> Sequence[Shared]:
    """Everybody who may do something there, by login."""
    wanted = (
        select(*COLUMNS, *(M[n].label(f"m_{n}") for n in _SHOWN))
        .join(PERMISSIONS, M.user_id == PEOPLE.c.id)
        .where(M.repo_id == repo_id, SOMETHING)
        .where(PEOPLE.c.login_key.contains(contains.casefold(), autoescape=True))
        .order_by(PEOPLE.c.login_key, PEOPLE.c.id)
    )
    return [
        Shared(
            row.m_id,
            account_of(row),
            repo_id,
            Permission(row.m_permission),
            row.m_synced_at,
            row.m_created_at,
            row.m_updated_at,
        )
        for row in c.execute(page.of(wanted))
    ]


def seen(c: Connection, repo_id: int) -> Seen | None:
    """A repository by its number, as GitHub showed it last."""
    row = c.execute(select(REPOSITORIES).where(R.id == repo_id)).first()
    return _seen(row) if row else None


def _seen(row: Row[Any]) -> Seen:
    """Of itself, without what somebody may do there."""
    return Seen(row.id, row.full_name, Permission.NONE, row.description)


_SHOWN = ("id", "permission", "synced_at", "created_at", "updated_at")
