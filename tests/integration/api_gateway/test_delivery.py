"""DORA's figures of a period are those that all of the history gives."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert

from api_gateway.domain.delivery import Figures, Finished, figures
from api_gateway.read_model import Delivery, Queries
from api_gateway.read_model.delivery import Period
from api_gateway.read_model.tables import DEPLOYMENTS, micros, moment
from shared.store import Store
from shared.testing import T0

from .test_lists import store as store

Row = Mapping[str, Any]
HOUR = timedelta(hours=1)
FAR = 60


def deployment(id_: int, draw: Random) -> Row:
    """Perhaps with an end: many end at the same moment."""
    # What is rejected, refused, canceled or going on has none.
    phase = draw.choice(["success", "success", "failure", "error", "canceled"])
    ended = micros(T0 + draw.randrange(FAR) * HOUR) if phase != "canceled" else None
    foreign = draw.random() < 0.2
    made = micros(T0 - draw.randrange(FAR) * HOUR)
    return {
        "id": id_, "uuid": UUID(int=id_), "repo_id": draw.choice([1, 1, 2]),
        "number": id_, "foreign": foreign, "uid": draw.randrange(90),
        "env": "x", "env_key": draw.choice(["x", "x", "y"]), "status": "x",
        "phase": phase, "created_at": 0, "user_id": 1, "login": "x", "ref": "x",
        "sha": draw.choice("abcd"), "production": False,
        "rollback": not foreign and draw.random() < 0.3,
        "committed_at": None if foreign else made, "finished_at": ended,
        "succeeded_at": ended if phase == "success" else None, "document": {},
    }  # fmt: skip


def history(draw: Random) -> Sequence[Row]:
    """What was somebody else's until its link to ours came ended as ours did."""
    rows = [deployment(n, draw) for n in range(1, draw.randrange(3, 90))]
    ours = {(r["repo_id"], r["uid"]): r for r in rows if not r["foreign"]}
    same = ("env_key", "phase", "sha", "finished_at", "succeeded_at")
    return [
        {**row, **{name: known[name] for name in same}}
        if row["foreign"] and (known := ours.get((row["repo_id"], row["uid"])))
        else row
        for row in rows
    ]


def finished(row: Row) -> Finished:
    made = row["committed_at"]
    return Finished(
        sha=row["sha"],
        succeeded=row["succeeded_at"] is not None,
        rollback=row["rollback"],
        finished_at=moment(row["finished_at"]),
        committed_at=None if made is None else moment(made),
    )


def expected(rows: Sequence[Row], period: Period) -> Figures:
    """Of all that ever ended in this environment, told one by one."""
    ours = {(r["repo_id"], r["uid"]) for r in rows if not r["foreign"]}
    ended = [
        finished(row)
        for row in sorted(rows, key=lambda r: r["id"])
        if (row["repo_id"], row["env_key"]) == (1, "x")
        and row["finished_at"] is not None
        and not (row["foreign"] and (row["repo_id"], row["uid"]) in ours)
    ]
    return figures((e for e in ended if e.finished_at < period.until), period.since)


async def told(store: Store, period: Period) -> Any:
    delivery = Delivery(Queries(store, "https://github.com"))
    return await delivery.of(1, "X", period)


async def test_they_are_those_of_all_that_ever_ended(store: Store) -> None:
    draw = Random(1)
    for _ in range(15):
        rows = history(draw)
        with store.views.engine.begin() as c:
            c.execute(delete(DEPLOYMENTS))
            c.execute(insert(DEPLOYMENTS), list(rows))
        for since in range(1, FAR, 12):
            period = Period(T0 + since * HOUR, T0 + (since + 15) * HOUR)
            shown = await told(store, period)
            there = expected(rows, period)
            if shown is None:
                assert (there.changes, there.broken_since) == (0, None)
                continue
            assert shown["deployment_frequency"]["count"] == there.deployments
            failures = shown["change_failure_rate"]
            assert (failures["count"], failures["failed"]) == (
                there.changes,
                there.failed,
            )
            for name, times in (
                ("lead_time", there.lead_times),
                ("time_to_restore", there.restore_times),
            ):
                assert shown[name]["count"] == len(times)
                assert shown[name]["p90_seconds"] == _p90(times)
            assert _at(shown["time_to_restore"]["broken_since"]) == there.broken_since


def _p90(times: Sequence[timedelta]) -> float | None:
    """The least that is not exceeded by nine of ten."""
    enough = [t for t in times if 10 * sum(u <= t for u in times) >= 9 * len(times)]
    return min(enough).total_seconds() if enough else None


def _at(time: str | None) -> datetime | None:
    return datetime.fromisoformat(time) if time else None
