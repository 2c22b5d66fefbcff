"""Rows that are made again are the same, and nobody notices meanwhile."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api_gateway.bootstrap import rebuild_read_model
from api_gateway.read_model import rebuilding
from api_gateway.read_model.rows import Batch, Rows
from api_gateway.read_model.tables import TABLES
from shared.store import Logged, Store
from shared.testing import until

from .conftest import World, settings_of, status, world_of
from .environments import held
from .test_foreign import seen, told

KINDS = [table.name.rpartition("_v")[0] for table in TABLES]
#: Begins a rebuild and stands still in its middle.
HALF_A_REBUILD = """
import asyncio, sys, time
from api_gateway.domain.deadlines import Limits
from api_gateway.read_model import rebuild
from api_gateway.read_model import rebuilding
from shared.store import Store
written = []
def write(self, batch, write=rebuilding._Rebuilding._write):
    write(self, batch)
    written.append(batch)
    if len(written) == 3:
        print("half-way", flush=True)
        time.sleep(3600)
rebuilding.BATCH = 4
rebuilding._Rebuilding._write = write
asyncio.run(rebuild(Store.open("api-gateway", sys.argv[1]), Limits()))
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/"
    return str(request.getfixturevalue("database_url"))


@pytest.fixture
async def lived(url: str) -> AsyncIterator[World]:
    """Give the test a gateway that has something to show."""
    async with world_of(settings_of(url)) as world:
        await world.activate()
        for n in range(3):
            uuid = (await (await world.deploy()).json())["uuid"]
            await world.others.say(status(uuid, 2 * n + 1, "in_progress"))
            await world.others.say(status(uuid, 2 * n + 2, "success"))
            await world.until_phase(n + 1, "success")
        body = {"env": "production", "expired_at": "2026-01-06T09:00:00Z"}
        answer = await world.api.post("/api/v1/repos/octo/shop/locks", json=body)
        assert answer.status == 201
        await world.others.say(held(uuid, 3))
        await world.others.say(seen(77))
        await world.others.say(told(77, 77, "success"))
        path = "/api/v1/repos/octo/shop/deployments/3/remote-statuses"
        answer = await world.api.post(path, json={"status": "inactive"})
        assert answer.status == 201

        async def on_hold() -> bool:
            shown = await world.get("/environments/production")
            theirs = await world.get("/deployments?status=success&per_page=1")
            return bool(shown["hold"]) and theirs[0]["foreign"]

        await until(on_hold)
        yield world


async def rows(store: Store) -> list[list[Any]]:
    def read() -> list[list[Any]]:
        with store.views.reader.connect() as c:
            return [list(c.execute(select(t).order_by(t.c.id))) for t in TABLES]

    return await store.run(read)


async def test_the_rows_are_the_same(lived: World) -> None:
    before = await rows(lived.service.store)
    made = dict(zip(KINDS, map(len, before), strict=True))
    assert made == {
        "deployments": 4,
        "statuses": 7,
        "reviews": 0,
        "repositories": 1,
        "locks": 1,
        "holds": 1,
        "acts": 6,
        "remote_statuses": 1,
    }
    await rebuild_read_model(lived.settings)
    assert await rows(lived.service.store) == before
    assert (await lived.deploy()).status == 201


async def test_people_read_the_old_rows_until_the_new_ones_are_whole(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, listed = await rows(lived.service.store), await lived.get("/deployments")
    seen, batch = [], Rows.batch

    async def looked(self: Rows, entries: Sequence[Logged]) -> Batch:
        seen.append(await rows(lived.service.store))
        assert await lived.get("/deployments") == listed
        return await batch(self, entries)

    monkeypatch.setattr(Rows, "batch", looked)
    monkeypatch.setattr(rebuilding, "BATCH", 5)
    await rebuild_read_model(lived.settings)
    assert len(seen) > 2
    assert all(one == before for one in seen)


async def test_what_happens_meanwhile_is_there_afterwards(
    lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed: list[int] = []
    fill = rebuilding._Rebuilding._fill

    async def overtaken(self: rebuilding._Rebuilding, position: int) -> int:
        reached = await fill(self, position)
        if len(deployed) < 5:
            deployed.append((await lived.deploy()).status)
        return reached

    with monkeypatch.context() as patched:
        patched.setattr(rebuilding._Rebuilding, "_fill", overtaken)
        await rebuild_read_model(lived.settings)
    assert deployed == [201] * 5
    listed = await lived.get("/deployments")
    assert [d["number"] for d in listed] == [8, 7, 6, 5, 4, None, 3, 2, 1]
    before = await rows(lived.service.store)
    await rebuild_read_model(lived.settings)
    assert await rows(lived.service.store) == before


async def test_a_rebuild_that_is_killed_half_way_has_changed_nothing(
    lived: World,
) -> None:
    before = await rows(lived.service.store)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HALF_A_REBUILD,
        lived.settings.database_url.get_secret_value(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"half-way\n"
    assert await rows(lived.service.store) == before
    assert (await lived.deploy()).status == 201
    process.kill()
    await process.wait()
    assert len(await lived.get("/deployments")) == 5
    before = await rows(lived.service.store)
    await rebuild_read_model(lived.settings)
    assert await rows(lived.service.store) == before
