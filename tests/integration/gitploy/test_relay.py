"""The relay's position moved by hand, and what the broker refused, through the command.

On both databases, while the service could run.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gitploy.local.system import System, remember
from gitploy.main import app
from gitploy.operating import who
from shared.store import Outbox, Said, Store
from shared.testing import FakeClock
from shared.testing.streams import CAUSE, ID, counters, one_more

NOW = datetime.now(UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> System:
    if request.param == "sqlite":
        return System("memory://", f"sqlite:///{tmp_path}/")
    return System("amqp://nowhere/", str(request.getfixturevalue("database_url")))


@pytest.fixture
def data(system: System, tmp_path: Path) -> Path:
    remember(tmp_path, system, "http://unused")
    return tmp_path


async def gitploy(*command: str, answer: str = "") -> Result:
    """Run the command beside the loop, in which it starts one of its own."""
    return await asyncio.to_thread(CliRunner().invoke, app, command, input=answer)


@asynccontextmanager
async def verifier(system: System) -> AsyncIterator[Outbox]:
    """Open a verifier that has published one event in each of the last four hours."""
    clock = FakeClock(NOW - timedelta(hours=4))
    store = Store.open("verifier", system.database_url, clock=clock)
    outbox = Outbox(store)
    await outbox.prepare()
    for _ in range(4):
        await counters(store).change(ID, one_more, CAUSE)
        clock.advance(timedelta(hours=1))
    await outbox.next_window(published)
    yield outbox
    store.close()


async def published(window: Sequence[Said]) -> int:
    return len(window)


async def test_a_service_says_again_what_it_has_said_since(
    system: System, data: Path
) -> None:
    rewind = ["relay", "rewind", "verifier", "--data", str(data)]
    because = ["--reason", "The broker was restored."]
    async with verifier(system) as outbox:
        last = await outbox.position()
        done = await gitploy(*rewind, *because, "--hours", "2.5", answer="y\n")
        assert done.exit_code == 0, done.output
        assert "up to 2 events" in done.output
        assert await outbox.next_window(published) == 2
        since = f"{NOW - timedelta(hours=3.5):%Y-%m-%dT%H:%M:%S}"
        done = await gitploy(*rewind, *because, "--since", since, "--yes")
        assert await outbox.position() == last - 3
    shown = json.loads((await gitploy("actions", "--json", "--data", str(data))).output)
    assert {(a["who"], a["action"], a["subject"], a["reason"]) for a in shown} == {
        (who(), "relay rewind", "verifier", "The broker was restored.")
    }
    assert len(shown) == 2


@pytest.mark.parametrize(
    ("options", "answer", "says"),
    [
        (["--hours", "3"], "n\n", "Nothing was done"),
        ([], "", "--since or --hours"),
        (["--hours", "1", "--since", "2026-01-05"], "", "--since or --hours"),
        (["--hours", "1e30"], "", "can't be gone back"),
        (["--hours", "0.5"], "", "published nothing"),
    ],
)
async def test_it_stays_where_it_is_unless_that_is_meant(
    system: System, data: Path, options: list[str], answer: str, says: str
) -> None:
    async with verifier(system) as outbox:
        last = await outbox.position()
        command = ["relay", "rewind", "verifier", "--reason", "so", *options]
        done = await gitploy(*command, "--data", str(data), answer=answer)
        assert says in done.output
        assert await outbox.position() == last
    assert (
        json.loads((await gitploy("actions", "--json", "--data", str(data))).output)
        == []
    )


async def test_what_the_broker_refused_is_shown_and_gets_another_chance(
    system: System, data: Path
) -> None:
    parked = ["relay", "parked", "--data", str(data)]
    async with verifier(system) as outbox:
        assert (await gitploy(*parked)).output == "There are none.\n"
        refused: list[Said] = []

        async def refuse(window: Sequence[Said]) -> int:
            refused.extend(window)
            return len(window)

        await outbox.rewind(NOW - timedelta(hours=1.5))
        await outbox.next_window(refuse)
        await outbox.park(refused[0], "too large \x1b[2J")
        shown = (await gitploy(*parked)).output
        assert f"{refused[0].message.id}  verifier" in shown
        assert r"too large \x1b[2J" in shown
        (document,) = json.loads((await gitploy(*parked, "--json")).output)
        assert document["position"] == refused[0].position
        await gitploy("relay", "rewind", "verifier", "--hours", "2", "--reason",
            "The limit is raised.", "--yes", "--data", str(data),
        )  # fmt: skip
        assert (await gitploy(*parked)).output == "There are none.\n"


async def test_a_database_that_is_away_is_said_so(tmp_path: Path) -> None:
    remember(
        tmp_path, System("amqp://nowhere/", "postgresql://127.0.0.1:9/x"), "http://x"
    )
    done = await gitploy("relay", "parked", "--data", str(tmp_path))
    assert done.exit_code == 1
    assert "Is it running?" in done.stderr
