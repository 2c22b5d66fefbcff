"""Live events of what one may see, re-checked while connected; and the audit."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from api_gateway.accounts import Records, people, permissions, proofs
from api_gateway.accounts.syncing import CLAIM
from api_gateway.accounts.tables import EPOCH
from api_gateway.domain.access import Permission
from api_gateway.read_model import Queries
from api_gateway.read_model.queries import Changed
from api_gateway.routes import connection
from api_gateway.routes import listening as listening_
from shared.testing import until

from .live_events import URL, Events, listening
from .others import REPO, TOKEN
from .people_at_github import (
    ADMIN,
    READER,
    SHOP,
    STRANGER,
    WRITER,
    Town,
    bearer,
    syncing,
    take_away,
)


async def test_what_people_decide_is_in_the_audit(town: Town) -> None:
    writer = await town.sign_in(WRITER)
    path = f"/api/v1{SHOP}"
    body = {"type": "branch", "ref": "main", "env": "production"}
    for where, sent in (
        ("/locks", {"env": "production", "reason": "Move"}),
        ("/deployments", body),
        ("/deployments/1/cancel", {"reason": "No"}),
    ):
        await town.api.post(f"{path}{where}", json=sent, headers=bearer(writer))
    told = await (await town.get("/audit?repository=OCTO/shop", TOKEN)).json()
    assert [(one["who"], one["action"], one["subject"]) for one in told] == [
        ("willy", "cancel", "#1 to production"),
        ("willy", "deploy", "#1 to production"),
        ("willy", "lock", "production"),
        ("gitploy", "activate", ""),
    ]
    assert told[2]["details"] == {"reason": "Move"}
    found = await (await town.get("/audit?who=willy&action=lock", TOKEN)).json()
    assert len(found) == 1
    none = await (await town.get("/audit?to=2020-01-01T00:00:00Z", TOKEN)).json()
    assert none == []


@asynccontextmanager
async def hearing(town: Town, secret: str) -> AsyncIterator[Events]:
    async with listening(town.api, headers=bearer(secret)) as events:
        yield events


async def lock(town: Town, env: str) -> None:
    answer = await town.api.post(
        f"/api/v1{SHOP}/locks", json={"env": env}, headers=bearer(TOKEN)
    )
    assert answer.status == 201


async def env(events: Events) -> str:
    """The environment that is locked."""
    told = await events.next()
    assert told["event"] == "lock"
    return str(told["data"]["env"])


def may_again(town: Town) -> None:
    town.people.may[READER.id, REPO.id] = Permission.READ


async def look(town: Town) -> None:
    """GitHub is asked for everybody who was there, as it is every 5 minutes."""
    town.clock.advance(timedelta(minutes=6))
    await syncing(town).tick()


async def test_live_events_are_of_what_one_may_see(town: Town) -> None:
    reader, stranger = await town.sign_in(READER), await town.sign_in(STRANGER)
    admin = await town.sign_in(ADMIN)
    shop = await town.token(admin, repository="octo/shop")
    other = await town.token(admin, repository="octo/other")
    async with (
        hearing(town, stranger) as unseen,
        hearing(town, other) as elsewhere,
        hearing(town, reader) as seen,
        hearing(town, shop) as here,
    ):
        await lock(town, "production")
        # All hear what happens in one go.
        assert [await env(seen), await env(here)] == ["production"] * 2
        for part in town.service.parting:
            part()
        assert [told.keys() for told in await unseen.rest()] == [{"retry"}]
        assert [told.keys() for told in await elsewhere.rest()] == [{"retry"}]


async def test_what_was_missed_is_of_what_one_may_see(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, stranger = await town.sign_in(READER), await town.sign_in(STRANGER)
    read = await town.token(reader, repository="octo/shop")
    made: list[int] = []
    changed = Queries.changed

    async def noted(self: Queries, *args: Any) -> Changed:
        found = await changed(self, *args)
        made.append(len(found.barriers))
        return found

    for name in ("production", "staging"):
        await lock(town, name)
    monkeypatch.setattr(Queries, "changed", noted)
    for secret in (reader, read):
        async with listening(town.api, 0, bearer(secret)) as events:
            assert [await env(events), await env(events)] == ["production", "staging"]
    assert made == [2, 2]
    async with listening(town.api, 0, bearer(stranger)):
        await until(lambda: len(made) > 2)
    # No document was made of what they may not see.
    assert made == [2, 2, 0]


async def test_who_loses_a_repository_hears_no_more_of_it(town: Town) -> None:
    reader = await town.sign_in(READER)
    async with hearing(town, reader) as seen, hearing(town, TOKEN) as told:
        await lock(town, "production")
        assert [await env(seen), await env(told)] == ["production"] * 2
        take_away(town)
        await look(town)
        await lock(town, "staging")
        # Who may see it is asked when it is told, not when it happens.
        assert await env(told) == "staging"
        may_again(town)
        await look(town)
        await lock(town, "canary")
        assert await env(seen) == "canary"


async def test_who_only_listens_is_looked_after(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 0)
    accounts: Records = syncing(town)._records
    reader = await town.sign_in(READER)

    async def was_there() -> bool:
        known = await accounts.read(lambda c: people.find(c, READER.id))
        return bool(known and known.active_at == town.clock())

    async def may(wanted: list[int]) -> bool:
        # One that a heartbeat began before is waited for, and asked anew in a minute.
        town.clock.advance(CLAIM)
        await syncing(town).tick()
        look = partial(permissions.of_person, user_id=READER.id, since=EPOCH)
        return list(await accounts.read(look)) == wanted

    async with hearing(town, reader) as seen, hearing(town, TOKEN) as told:
        for _ in range(8):
            town.clock.advance(timedelta(minutes=10))
            await until(was_there)
        take_away(town)
        town.clock.advance(timedelta(minutes=6))
        await until(partial(may, []))
        await lock(town, "staging")
        # Who may see it is asked when it is told, not when it happens.
        assert await env(told) == "staging"
        may_again(town)
        town.clock.advance(timedelta(minutes=6))
        await until(partial(may, [REPO.id]))
        await lock(town, "canary")
        assert await env(seen) == "canary"


async def sign_out(town: Town, session: str, _: str) -> None:
    await town.api.post(
        "/signout", cookies={"__sess__": session}, allow_redirects=False
    )


async def revoke(town: Town, session: str, _: str) -> None:
    [token] = await (await town.get("/user/tokens", session)).json()
    answer = await town.api.delete(
        f"/api/v1/user/tokens/{token['id']}", headers=bearer(session)
    )
    assert answer.status == 200


async def remove(town: Town, _: str, __: str) -> None:
    answer = await town.api.delete(f"/api/v1/users/{READER.id}", headers=bearer(TOKEN))
    assert answer.status == 200


async def refuse(town: Town, _: str, __: str) -> None:
    """GitHub takes the person's token no more."""
    town.people.refused.add(f"t-{READER.login}")
    await look(town)


async def expire(town: Town, _: str, __: str) -> None:
    town.clock.advance(timedelta(days=1))


async def live_on(town: Town, _: str, __: str) -> None:
    """A session ends at the latest then, however much it is used."""
    town.clock.advance(timedelta(days=30))


End = Callable[[Town, str, str], Awaitable[None]]
ENDS: list[tuple[str, End]] = [
    ("session", sign_out),
    ("session", remove),
    ("session", refuse),
    ("session", live_on),
    ("token", revoke),
    ("token", remove),
    ("token", refuse),
    ("token", expire),
]
ENDED = pytest.mark.parametrize(("by", "end"), ENDS)


async def proof(town: Town, by: str) -> tuple[str, str]:
    """A session, and what is listened with."""
    session = await town.sign_in(READER)
    if by == "session":
        return session, session
    until = town.clock() + timedelta(days=1)
    return session, await town.token(session, expires_at=until.isoformat())


@ENDED
async def test_what_has_ended_hears_nothing_and_ends_its_stream(
    town: Town, by: str, end: End
) -> None:
    session, secret = await proof(town, by)
    async with hearing(town, secret) as events:
        await lock(town, "production")
        assert await env(events) == "production"
        await end(town, session, secret)
        await lock(town, "staging")
        assert await events.rest() == []
    assert (await town.api.get(URL, headers=bearer(secret))).status == 401


@ENDED
async def test_what_has_ended_ends_a_quiet_stream(
    town: Town, by: str, end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 0)
    session, secret = await proof(town, by)
    async with hearing(town, secret) as events:
        assert (await events.block())["event"] == "ping"
        await end(town, session, secret)
        assert await events.rest() == []


async def test_a_token_ends_its_stream_at_its_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is waited for."""
    monkeypatch.setattr(connection, "LOOK_EVERY_S", 3600)
    session = await town.sign_in(READER)
    soon = town.clock() + timedelta(seconds=0.2)
    secret = await town.token(session, expires_at=soon.isoformat())
    async with hearing(town, secret) as events:
        town.clock.advance(timedelta(seconds=0.2))
        assert await events.rest() == []


async def test_what_another_replica_ended_ends_here(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening_, "LOOK_EVERY_S", 0)
    reader = await town.sign_in(READER)
    async with hearing(town, reader) as events:
        # It counts no change here.
        await syncing(town)._records.write(lambda c: proofs.end_sessions(c, READER.id))
        await lock(town, "production")
        assert await events.rest() == []
