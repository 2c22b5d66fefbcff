"""A token of GitHub's that ends is traded by one of all who want it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from api_gateway.accounts import GitHubTokens, Grant, Keys, Records, github_tokens
from api_gateway.accounts import people as kept
from api_gateway.accounts.ports import Profile
from api_gateway.ports import GitHubAwayError, TokenRefusedError
from shared.contracts import GATEWAY
from shared.store import Database, Tables
from shared.testing import FakeClock, until

from .people_at_github import KEY, READER, FakePeople, folder

ASKING = 10


class SlowPeople(FakePeople):
    """A GitHub that answers a trade when it is told to."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.answers = asyncio.Event()

    async def refresh(self, refresh: str) -> Grant:
        self.refreshes.append(refresh)
        await self.answers.wait()
        self.refreshes.pop()
        return await super().refresh(refresh)


@pytest.fixture(params=["sqlite", "postgresql"])
async def records(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Records]:
    url = folder(tmp_path)
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    database = Database(GATEWAY, url)
    database.prepare()
    records = Records(Tables(database, "accounts", durable=True), FakeClock())
    await records.prepare()
    yield records
    records.tables.close()


@pytest.fixture
def github(records: Records) -> SlowPeople:
    assert isinstance(records.clock, FakeClock)
    return SlowPeople(records.clock, life=timedelta(hours=8))


@pytest.fixture
async def replicas(records: Records, github: SlowPeople) -> list[GitHubTokens]:
    """Give the test two that share the tables, and a person whose token has ended."""
    replicas = [GitHubTokens(records, Keys([KEY]), github) for _ in range(2)]
    ended = Grant("t-rita", "r-rita.0", records.clock())
    who = Profile(READER.id, READER.login)
    await records.write(lambda c: kept.put(c, who, records.clock()))
    closed = replicas[0].closed(ended)
    await records.write(lambda c: kept.change(c, READER.id, **closed))
    return replicas


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tell the test each look at what is kept of a person."""
    looks: list[int] = []
    look = github_tokens._kept

    def counting(*args: object, **named: object) -> object:
        looks.append(1)
        return look(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(github_tokens, "_kept", counting)
    return looks


async def test_of_all_who_want_it_one_trades(
    replicas: list[GitHubTokens], github: SlowPeople, looks: list[int]
) -> None:
    wanted = [replicas[n % 2].token(READER.id) for n in range(ASKING)]
    asking = asyncio.gather(*wanted)
    # Everybody has looked, and either trades or looks again.
    await until(lambda: len(looks) + len(github.refreshes) >= 2 * ASKING)
    assert len(github.refreshes) == 1
    github.answers.set()
    assert set(await asking) == {"t-rita.1"}
    assert github.refreshes == ["r-rita.0"]


async def test_who_dies_over_it_is_not_waited_for_forever(
    replicas: list[GitHubTokens], github: SlowPeople, records: Records
) -> None:
    dying = asyncio.create_task(replicas[0].token(READER.id))
    await until(lambda: bool(github.refreshes))
    dying.cancel()
    github.answers.set()
    assert isinstance(records.clock, FakeClock)
    records.clock.advance(timedelta(seconds=31))
    assert await replicas[1].token(READER.id) == "t-rita.2"


async def test_while_github_is_away_the_next_may_try_at_once(
    replicas: list[GitHubTokens], github: SlowPeople
) -> None:
    github.answers.set()
    github.away = True
    with pytest.raises(GitHubAwayError):
        await replicas[0].token(READER.id)
    github.away = False
    assert await replicas[1].token(READER.id)


async def test_what_github_refuses_is_not_tried_again(
    replicas: list[GitHubTokens], github: SlowPeople
) -> None:
    github.answers.set()
    github.refused.add("r-rita.0")
    for replica in replicas:
        with pytest.raises(TokenRefusedError):
            await replica.token(READER.id)
    assert len(github.refreshes) == 1


async def test_who_is_put_out_during_a_trade_stays_out(
    replicas: list[GitHubTokens], github: SlowPeople, records: Records
) -> None:
    trading = asyncio.create_task(replicas[0].token(READER.id))
    await until(lambda: bool(github.refreshes))
    out = {**kept.NO_GRANT, "refused_at": records.clock()}
    await records.write(lambda c: kept.change(c, READER.id, **out))
    github.answers.set()
    with pytest.raises(TokenRefusedError):
        await trading
    with pytest.raises(TokenRefusedError):
        await replicas[1].token(READER.id)


async def test_who_signs_in_during_a_trade_has_what_they_got_then(
    replicas: list[GitHubTokens], github: SlowPeople, records: Records
) -> None:
    trading = asyncio.create_task(replicas[0].token(READER.id))
    await until(lambda: bool(github.refreshes))
    new = replicas[1].closed(Grant("t-rita.new"))
    await records.write(lambda c: kept.change(c, READER.id, **new))
    github.refused.add("r-rita.0")
    github.answers.set()
    assert await trading == "t-rita.new"


async def test_only_the_token_that_was_refused_ends(
    replicas: list[GitHubTokens], github: SlowPeople
) -> None:
    github.answers.set()
    assert await replicas[0].token(READER.id) == "t-rita.1"
    assert not await replicas[1].refuse(READER.id, "t-rita")
    assert await replicas[1].token(READER.id) == "t-rita.1"
    assert await replicas[1].refuse(READER.id, "t-rita.1")
    assert not await replicas[1].refuse(READER.id, "t-rita.1")
    with pytest.raises(TokenRefusedError):
        await replicas[0].token(READER.id)


async def test_what_is_refused_while_it_is_traded_has_not_ended(
    replicas: list[GitHubTokens], github: SlowPeople, looks: list[int]
) -> None:
    trading = asyncio.create_task(replicas[0].token(READER.id))
    await until(lambda: bool(github.refreshes))
    before = len(looks)
    # GitHub has ended it already, and nobody here knows of the new one yet.
    refusing = asyncio.create_task(replicas[1].refuse(READER.id, "t-rita"))
    await until(lambda: len(looks) > before + 1 or refusing.done())
    github.answers.set()
    assert await trading == "t-rita.1"
    assert not await refusing
    assert await replicas[1].token(READER.id) == "t-rita.1"


async def test_what_no_key_here_opens_is_no_refusal(
    replicas: list[GitHubTokens], github: SlowPeople, records: Records
) -> None:
    github.answers.set()
    await replicas[0].token(READER.id)
    behind = GitHubTokens(records, Keys([Fernet.generate_key().decode()]), github)
    for ask in (behind.token(READER.id), behind.refuse(READER.id, "t-rita")):
        with pytest.raises(GitHubAwayError, match="has not the key to your token"):
            await ask
    assert await replicas[0].token(READER.id) == "t-rita.1"
