"""What proves who somebody is: sessions of browsers, and personal API tokens.

Only digests are kept. That something was used is written down a minute apart at most,
so a request costs a look and no write.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, or_, select, update

from api_gateway.domain.access import AccessRules, Scope

from .keys import PREFIX, digest, new_secret
from .people import COLUMNS, Account
from .tables import PEOPLE, SESSIONS, TOKENS

S, T = SESSIONS.c, TOKENS.c
#: How exactly it is known when something was used last.
TICK = timedelta(minutes=1)


@dataclass(frozen=True)
class Proof:
    """Somebody who has proved who they are, and by what."""

    account: Account
    #: The digest: names the session or the token.
    digest: str
    scope: Scope = Scope.ADMIN
    #: The only repository that the token is for.
    repo_id: int | None = None
    #: None for a session.
    token_id: int | None = None
    #: Nobody has written down yet that it is used now.
    unseen: bool = False
    #: When it ends, however much it is used.
    until: datetime | None = None


@dataclass(frozen=True)
class Token:
    """A personal API token, without itself."""

    id: int
    name: str
    scope: str
    repository: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


PERSON = [column.label(f"person_{column.name}") for column in COLUMNS]
TOKEN_COLUMNS = [T[name] for name in Token.__dataclass_fields__]


def begin_session(c: Connection, user_id: int, now: datetime) -> str:
    """A new session; the secret goes into the cookie and nowhere else."""
    secret = new_secret()
    row = {"digest": digest(secret), "user_id": user_id}
    c.execute(insert(SESSIONS).values(**row, created_at=now, seen_at=now))
    return secret


def end_session(c: Connection, secret: str) -> None:
    c.execute(delete(SESSIONS).where(S.digest == digest(secret)))


def end_sessions(c: Connection, user_id: int) -> None:
    c.execute(delete(SESSIONS).where(S.user_id == user_id))


def forget_ended(c: Connection, rules: AccessRules, now: datetime) -> None:
    """Remove the sessions that are over."""
    over = or_(
        S.seen_at < now - rules.session_idle, S.created_at < now - rules.session_life
    )
    c.execute(delete(SESSIONS).where(over))


def make_token(c: Connection, user_id: int, **values: Any) -> tuple[str, Token]:
    """A new token, and what is shown of it later."""
    secret = new_secret(PREFIX)
    row = {"digest": digest(secret), "user_id": user_id, **values}
    made = c.execute(insert(TOKENS).values(row).returning(*TOKEN_COLUMNS)).one()
    return secret, Token(*made)


def tokens_of(c: Connection, user_id: int) -> Sequence[Token]:
    wanted = select(*TOKEN_COLUMNS).where(T.user_id == user_id).order_by(T.id)
    return [Token(*row) for row in c.execute(wanted)]


def revoke_token(c: Connection, user_id: int, token_id: int) -> Token | None:
    """End it; none if the person has no such token."""
    theirs = T.user_id == user_id, T.id == token_id
    row = c.execute(delete(TOKENS).where(*theirs).returning(*TOKEN_COLUMNS)).first()
    return Token(*row) if row else None


def revoke_tokens(c: Connection, user_id: int) -> None:
    c.execute(delete(TOKENS).where(T.user_id == user_id))


def find(c: Connection, secret: str, rules: AccessRules, now: datetime) -> Proof | None:
    """Whose session or token it is, while it lasts."""
    is_token = secret.startswith(PREFIX)
    table = TOKENS if is_token else SESSIONS
    wanted = select(table, *PERSON).join(PEOPLE, PEOPLE.c.id == table.c.user_id)
    row = c.execute(wanted.where(table.c.digest == digest(secret))).first()
    if row is None:
        return None
    return _token(row, now) if is_token else _session(row, rules, now)


def find_all(
    c: Connection, secrets: Collection[str], rules: AccessRules, now: datetime
) -> Mapping[str, Proof]:
    """The same of many at once: those that last, by what proves them."""
    by_digest = {digest(secret): secret for secret in secrets}

    def rows(table: Table) -> Iterable[Row[Any]]:
        wanted = select(table, *PERSON).join(PEOPLE, PEOPLE.c.id == table.c.user_id)
        return c.execute(wanted.where(table.c.digest.in_(by_digest)))

    found = [
        *(_token(row, now) for row in rows(TOKENS)),
        *(_session(row, rules, now) for row in rows(SESSIONS)),
    ]
    return {by_digest[proof.digest]: proof for proof in found if proof}


def write_use(c: Connection, proof: Proof, now: datetime) -> None:
    """Write down that it was used just now, and that the person was there."""
    if proof.token_id is None:
        ours = update(SESSIONS).where(S.digest == proof.digest)
        c.execute(ours.values(seen_at=now))
    else:
        c.execute(update(TOKENS).where(T.id == proof.token_id).values(last_used_at=now))
    there = update(PEOPLE).where(PEOPLE.c.id == proof.account.id)
    c.execute(there.values(active_at=now))


def _account(row: Row[Any]) -> Account:
    told = row._mapping  # noqa: SLF001 - that is the name SQLAlchemy gives it
    return Account(*(told[f"person_{column.name}"] for column in COLUMNS))


def _session(row: Row[Any], rules: AccessRules, now: datetime) -> Proof | None:
    if row.seen_at < now - rules.session_idle:
        return None
    if row.created_at < now - rules.session_life:
        return None
    unseen = now - row.seen_at >= TICK
    until = row.created_at + rules.session_life
    return Proof(_account(row), row.digest, unseen=unseen, until=until)


def _token(row: Row[Any], now: datetime) -> Proof | None:
    if row.expires_at and row.expires_at <= now:
        return None
    return Proof(
        _account(row),
        row.digest,
        Scope.named(row.scope),
        row.repo_id,
        row.id,
        unseen=row.last_used_at is None or now - row.last_used_at >= TICK,
        until=row.expires_at,
    )
