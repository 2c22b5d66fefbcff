"""Reading what is kept beside the events: whole, as it was written, and in time."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    insert,
    select,
    text,
)

from shared.store import Database, Tables, TooLongError, database, gathered

METADATA = MetaData()
KEPT = Table("kept", METADATA, Column("id", BigInteger), Column("document", JSON))
DOCUMENTS: list[Any] = [
    {"z": 1, "a": {"b": [], "A": None}, "": True},
    {"text": 'ü \u2028 \U0001f680 \\ "quoted" \n </script>'},
    {"numbers": [0, -1, 2**63 - 1, -(2**63), 2**64 - 1, 0.1, 1e300, -5e-324, 1e16]},
    {"deep": [[[[{"er": ["and", ["deeper"]]}]]]]},
]
#: To a million it takes longer than a hasty reader may.
COUNTING = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most)"
    " SELECT count(*) FROM n"
)
MILLION = 1_000_000


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    url = f"sqlite:///{tmp_path}/"
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    kept = Database("verifier", url)
    kept.prepare()
    return kept


@pytest.fixture
def tables(kept: Database) -> Iterator[Tables]:
    with closing(Tables(kept, "views")) as tables:
        with tables.engine.begin() as c:
            METADATA.create_all(c)
        yield tables


@pytest.fixture
def hasty(kept: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tables]:
    monkeypatch.setattr(database, "READ_WITHIN_S", 0.1)
    with closing(Tables(kept, "views")) as tables:
        yield tables


async def test_a_document_is_read_as_it_was_written(tables: Tables) -> None:
    rows = [{"id": n, "document": told} for n, told in enumerate(DOCUMENTS)]
    with tables.engine.begin() as c:
        c.execute(insert(KEPT), rows)
    wanted = select(KEPT.c.document).order_by(KEPT.c.id)
    found = await tables.read(lambda c: c.scalars(wanted).all())
    # The order of the members and the kinds of the numbers, too.
    assert list(map(repr, found)) == list(map(repr, DOCUMENTS))


@pytest.mark.parametrize("numbers", [[], [7], [2**62, 1, 5]])
async def test_many_numbers_are_read_as_one_value(
    tables: Tables, numbers: list[int]
) -> None:
    with tables.engine.begin() as c:
        for number in numbers:
            c.execute(insert(KEPT).values(id=number, document=None))
    found = await tables.read(lambda c: c.scalar(select(gathered(KEPT.c.id))))
    assert sorted(found or ()) == sorted(numbers)
    assert found is not None


async def test_what_is_not_found_in_time_is_given_up(hasty: Tables) -> None:
    for _ in range(6):
        with pytest.raises(TooLongError):
            await hasty.read(lambda c: c.scalar(COUNTING, {"most": 20 * MILLION}))
    assert await hasty.read(lambda c: c.scalar(text("SELECT 1"))) == 1


async def test_many_short_looks_are_given_up_together(hasty: Tables) -> None:
    def look(c: Connection) -> None:
        for _ in range(MILLION):
            c.scalar(text("SELECT 1"))

    with pytest.raises(TooLongError):
        await hasty.read(look)
    assert await hasty.read(lambda c: c.scalar(text("SELECT 1"))) == 1


async def test_what_is_written_may_take_its_time(hasty: Tables) -> None:
    def write() -> Any:
        with hasty.engine.begin() as c:
            return c.scalar(COUNTING, {"most": MILLION})

    # So that whatever bounds a connection was there.
    await hasty.read(lambda c: c.scalar(text("SELECT 1")))
    assert await hasty.run(write) == MILLION
