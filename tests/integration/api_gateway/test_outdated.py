"""Tables of versions that nobody reads any more are dropped at the start."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, inspect, select, text

from api_gateway.read_model import Projection, outdated
from api_gateway.read_model.tables import POSITIONS, TABLES, VERSION
from shared.contracts import GATEWAY
from shared.store import Store

from .conftest import settings_of

FORMER, OLDER, OLDEST, NEWER = VERSION - 1, VERSION - 2, VERSION - 5, VERSION + 1
OURS = {table.name for table in TABLES} | {"positions"}
#: A kind that there is no more is dropped as well.
OTHERS = {
    f"deployments_v{FORMER}": FORMER,
    f"deployments_v{OLDER}": OLDER,
    f"reviews_v{OLDER}": OLDER,
    f"wishes_v{OLDEST}": OLDEST,
    f"deployments_v{NEWER}": NEWER,
}
STAY = OURS | {f"deployments_v{FORMER}", f"deployments_v{NEWER}"}


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/"
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    with closing(Store.open(GATEWAY, url)) as store:
        yield store


async def start(store: Store) -> int:
    """As a replica does."""
    return await Projection(store, settings_of("memory://").limits).prepare()


async def ran_before(store: Store) -> None:
    """Have the tables of other versions, each with a row and a position."""
    await start(store)
    with store.views.engine.begin() as c:
        c.execute(text("CREATE TABLE kept_values (id INTEGER)"))
        for name, version in OTHERS.items():
            c.execute(text(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY)"))
            c.execute(text(f"INSERT INTO {name} VALUES ({version})"))  # noqa: S608
        for version in set(OTHERS.values()):
            c.execute(insert(POSITIONS).values(version=version, position=version))


def names(store: Store) -> set[str]:
    with store.views.engine.connect() as c:
        # Those of the relay, and of operators, have no version.
        return {n for n in inspect(c).get_table_names() if "_v" in n or n in OURS}


def positions(store: Store) -> dict[int, int]:
    with store.views.engine.connect() as c:
        return {row.version: row.position for row in c.execute(select(POSITIONS))}


async def test_only_the_former_version_stays_beside_ours(store: Store) -> None:
    await ran_before(store)
    await start(store)
    expected = STAY | {"kept_values"}
    assert names(store) == expected
    kept = {FORMER: FORMER, VERSION: 0, NEWER: NEWER}
    assert positions(store) == kept
    with store.views.engine.connect() as c:
        former = text(f"SELECT id FROM deployments_v{FORMER}")  # noqa: S608
        assert c.scalar(former) == FORMER
    # The former one is not outdated at the next start either.
    await start(store)
    assert names(store) == expected
    assert positions(store) == kept


async def test_a_version_that_was_left_out_makes_none_outdated(store: Store) -> None:
    await start(store)
    with store.views.engine.begin() as c:
        c.execute(text(f"CREATE TABLE deployments_v{OLDEST} (id INTEGER)"))
    await start(store)
    assert names(store) == OURS | {f"deployments_v{OLDEST}"}


async def test_who_still_reads_them_keeps_nobody_from_starting(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outdated, "WAIT", "SET LOCAL lock_timeout = '50ms'")
    with closing(Store.open(GATEWAY, database_url)) as store:
        await ran_before(store)
        with store.views.engine.connect() as reading:
            found: Any = reading.scalar(text(f"SELECT id FROM reviews_v{OLDER}"))  # noqa: S608
            assert await start(store) == 0
            assert found == OLDER
            # All or nothing: the positions belong to the tables.
            assert names(store) == OURS | set(OTHERS) | {"kept_values"}
            assert OLDER in positions(store)
        await start(store)
        assert names(store) == STAY | {"kept_values"}
