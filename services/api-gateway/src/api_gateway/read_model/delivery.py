"""Reads what has come to an end in the environments, and counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select, tuple_

from api_gateway.domain.delivery import Figures, Finished, figures, median, percentile
from api_gateway.domain.refusal import Refusal, RefusedError

from .documents import Document, rfc3339
from .environments import deployed_to, written_name
from .queries import SHOWN, Queries
from .tables import DEPLOYMENTS, EPOCH, micros

D = DEPLOYMENTS.c
EARLIER = DEPLOYMENTS.alias("earlier").c
TOLD = (D.id, D.sha, D.succeeded_at, D.finished_at, D.committed_at, D.rollback)
#: GitHub tells times to the second: several may have ended in one.
IN_ORDER = (D.finished_at, D.id)
MOST = 100_000
NINETY = 0.9


@dataclass(frozen=True)
class Period:
    """From when until when, the end not included."""

    since: datetime
    until: datetime


class Delivery:
    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    async def of_all(self, repo_id: int, period: Period) -> list[Document]:
        """The figures of each environment that was deployed to, by their names."""

        def read(c: Connection) -> list[Document]:
            keys = sorted(deployed_to(c, repo_id))
            return [_document(c, repo_id, key, period) for key in keys]

        return await self._queries.read(read)

    async def of(self, repo_id: int, env: str, period: Period) -> Document | None:
        """The figures of one of them; none if nothing was ever deployed there."""
        key = env.casefold()

        def read(c: Connection) -> Document | None:
            if key not in deployed_to(c, repo_id):
                return None
            return _document(c, repo_id, key, period)

        return await self._queries.read(read)


def _document(c: Connection, repo_id: int, key: str, period: Period) -> Document:
    told = figures(_finished(c, repo_id, key, period), period.since)
    days = (period.until - period.since) / timedelta(days=1)
    return {
        "environment": written_name(c, repo_id, key) or key,
        "from": rfc3339(period.since),
        "to": rfc3339(period.until),
        "deployment_frequency": {
            "count": told.deployments,
            "per_day": round(told.deployments / days, 3),
        },
        "lead_time": _times(told.lead_times),
        "change_failure_rate": {
            "count": told.changes,
            "failed": told.failed,
            "rate": round(told.failed / told.changes, 4) if told.changes else None,
        },
        "time_to_restore": _times(told.restore_times) | _broken(told),
    }


def _times(times: Sequence[timedelta]) -> Document:
    return {
        "count": len(times),
        "median_seconds": _seconds(median(times)),
        "p90_seconds": _seconds(percentile(times, NINETY)),
    }


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else time.total_seconds()


def _broken(told: Figures) -> Document:
    since = told.broken_since
    return {"broken_since": since and rfc3339(since)}


def _finished(
    c: Connection, repo_id: int, key: str, period: Period
) -> Sequence[Finished]:
    """What has ended in the period, and a little of what came before.

    Raises:
        RefusedError: It is too much to be counted at once.
    """
    since, until = micros(period.since), micros(period.until)
    there = select(*TOLD, _had_arrived(since)).where(
        D.repo_id == repo_id, D.env_key == key, SHOWN
    )
    ended = there.where(D.finished_at >= since, D.finished_at < until)
    rows = c.execute(ended.order_by(*IN_ORDER).limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise RefusedError(
            Refusal(
                "entity_unprocessable",
                f"More than {MOST} deployments have ended there in this period: ask "
                "for a shorter one.",
            )
        )
    return [_told(row) for row in (*_before(c, there, since), *rows)]


def _before(c: Connection, there: Select[Any], since: int) -> Sequence[Row[Any]]:
    """What tells how it stood then: what succeeded last, and what broke it after that.

    Of what failed after that the first counts, and the first attempt to undo it.
    """
    earlier = there.where(D.succeeded_at < since)
    newest = earlier.order_by(D.succeeded_at.desc(), D.id.desc()).limit(1)
    last = c.execute(newest).first()
    failed = there.where(D.finished_at < since).order_by(*IN_ORDER).limit(1)
    if last is None:
        return c.execute(failed.where(D.rollback.is_(False))).all()
    after = failed.where(tuple_(*IN_ORDER) > tuple_(last.finished_at, last.id))
    attempts = after.where(D.rollback, D.sha != last.sha)
    told = (after.where(D.rollback.is_(False)), attempts)
    return [last, *(row for wanted in told for row in c.execute(wanted))]


def _had_arrived(since: int) -> Any:
    """Whether this commit was there before the period: then it is no new change."""
    return (
        exists()
        .where(EARLIER.sha == D.sha, EARLIER.succeeded_at < since)
        .where(EARLIER.repo_id == D.repo_id, EARLIER.env_key == D.env_key)
        .label("had_arrived")
    )


def _told(row: Any) -> Finished:
    at = EPOCH + timedelta(microseconds=row.finished_at)
    made = None if row.had_arrived else row.committed_at
    return Finished(
        sha=row.sha,
        succeeded=row.succeeded_at is not None,
        rollback=row.rollback,
        finished_at=at,
        committed_at=made and EPOCH + timedelta(microseconds=made),
    )
