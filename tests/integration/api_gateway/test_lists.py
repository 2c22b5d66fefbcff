"""Lists that are merged of many hold what a look at everything would find."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert

from api_gateway.domain.phase import ALL_STATUSES
from api_gateway.read_model import Projection, Queries, Search, merging, search
from api_gateway.read_model.paging import Page
from api_gateway.read_model.search import Wanted
from api_gateway.read_model.tables import DEPLOYMENTS, micros
from shared.contracts import GATEWAY
from shared.store import Store
from shared.testing import T0

from .conftest import settings_of

Row = Mapping[str, Any]
REPOSITORIES, LOGINS, REFS = range(1, 13), ["ann", "bob"], ["main", "v1", "fix"]
STATUSES = sorted(ALL_STATUSES)[:4]
TOGETHER = 120


def deployment(id_: int, draw: Random) -> Row:
    # The first repository has half of them, and the last ones none at all.
    repo = draw.choice([1, draw.choice(REPOSITORIES[:-2])])
    status = draw.choice(STATUSES)
    at = micros(T0 + timedelta(seconds=draw.randrange(TOGETHER // 2)))
    return {
        "id": id_, "uuid": UUID(int=id_), "repo_id": repo, "number": id_,
        "foreign": draw.random() < 0.3, "uid": draw.randrange(TOGETHER),
        "env": "x", "env_key": "x", "status": status, "phase": status,
        "created_at": at, "user_id": draw.choice([1, 2]), "login": draw.choice(LOGINS),
        "ref": draw.choice(REFS), "sha": f"{draw.randrange(4):040x}",
        "production": draw.random() < 0.5, "rollback": False,
        "document": {"user": None, "repository": "octo/x", "sha": "", "repo_id": repo},
    }  # fmt: skip


def wanted(draw: Random) -> Wanted:
    def perhaps(value: Any, chance: float = 0.3) -> Any:
        return value if draw.random() < chance else None

    some = draw.sample(REPOSITORIES, draw.randrange(len(REPOSITORIES) + 1))
    return Wanted(
        repositories=perhaps(frozenset(some), 0.8),
        statuses=perhaps(draw.sample(STATUSES, draw.choice([1, 2]))) or (),
        user_id=perhaps(1, 0.1),
        login=perhaps("ann"),
        ref=perhaps("main"),
        sha=perhaps("0000", 0.1),
        production_only=bool(perhaps(True)),
        since=perhaps(T0 + timedelta(seconds=12)),
        until=perhaps(T0 + timedelta(seconds=48)),
    )


def matches(row: Row, asked: Wanted, ours: set[tuple[int, int]]) -> bool:
    since, until = (at and micros(at) for at in (asked.since, asked.until))
    return (
        not (row["foreign"] and (row["repo_id"], row["uid"]) in ours)
        and (asked.repositories is None or row["repo_id"] in asked.repositories)
        and (not asked.statuses or row["status"] in asked.statuses)
        and asked.user_id in (None, row["user_id"])
        and asked.login in (None, row["login"])
        and asked.ref in (None, row["ref"])
        and row["sha"].startswith(asked.sha or "")
        and (row["production"] or not asked.production_only)
        and (since is None or row["created_at"] >= since)
        and (until is None or row["created_at"] <= until)
    )


def expected(rows: Sequence[Row], asked: Wanted) -> list[int]:
    ours = {(row["repo_id"], row["uid"]) for row in rows if not row["foreign"]}
    found = [row for row in rows if matches(row, asked, ours)]
    found.sort(key=lambda row: (row["created_at"], row["id"]), reverse=True)
    return [row["id"] for row in found]


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/"
    if request.param == "postgresql":
        url = request.getfixturevalue("database_url")
    store = Store.open(GATEWAY, url)
    await Projection(store, settings_of(url).limits).prepare()
    yield store
    store.close()


@pytest.mark.parametrize(("few", "near"), [(0, 10), (4, 30), (100, 500)])
async def test_every_page_is_what_a_look_at_everything_finds(
    store: Store, few: int, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(merging, "NEARBY", near)
    draw = Random(few)
    rows = [deployment(n, draw) for n in range(1, TOGETHER + 1)]
    with store.views.engine.begin() as c:
        c.execute(insert(DEPLOYMENTS), rows)
    finder = Search(Queries(store, "https://github.com"))
    for _ in range(25):
        asked, size = wanted(draw), draw.choice([2, 7, 20])
        there = expected(rows, asked)
        followed: list[int] = []
        page = Page(size=size)
        while True:
            found = await finder.deployments(asked, page)
            counted = await finder.deployments(asked, replace(page, cursor=None))
            assert found.documents == counted.documents, (asked, page)
            followed += [shown["id"] for shown in found.documents]
            if found.next is None:
                break
            page = replace(page, number=page.number + 1, cursor=found.next)
        assert followed == there, asked
