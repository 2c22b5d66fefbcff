"""Requests that may be sent again: which were answered, and how.

Whoever did not get the answer to a write sends it again with the same key, and gets the
answer of the first. A day later nobody does any more, and it is forgotten.
"""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, select, update

from .records import Records
from .tables import ANSWERED, upsert

KEPT: Final = timedelta(days=1)
#: Whoever has begun has died if there is no answer by then.
GIVEN_UP: Final = timedelta(minutes=2)
CLEANED_EVERY_S: Final = 3600.0
A: Final = ANSWERED.c


@dataclass(frozen=True)
class Answered:
    """What a request was answered with."""

    status: int
    headers: dict[str, str]
    #: None where it was not kept: it showed something that is shown only once.
    body: bytes | None


class BusyError(Exception):
    """The first of the requests has no answer yet."""


class OtherRequestError(Exception):
    """The key was used for another request."""


class Repeats:
    def __init__(self, records: Records) -> None:
        self._records = records

    async def begin(self, key: str, wanted: str) -> Answered | None:
        """The answer that a request had already; none: it is to be done now.

        Args:
            key: The digest of who asks, and of the name that they gave to the request.
            wanted: The digest of what is asked.

        Raises:
            OtherRequestError: Something else was asked by that name.
            BusyError: It is being done just now.
        """
        now = self._records.clock()

        def work(c: Connection) -> Row[Any] | None:
            old = now - KEPT, now - GIVEN_UP
            dead = A.status.is_(None) & (A.at < old[1])
            c.execute(delete(ANSWERED).where(A.key == key, (A.at < old[0]) | dead))
            mine = {"key": key, "wanted": wanted, "at": now}
            statement = upsert(c, ANSWERED).values(mine).on_conflict_do_nothing()
            if c.execute(statement).rowcount:
                return None
            return c.execute(select(ANSWERED).where(A.key == key)).one()

        row = await self._records.write(work)
        return None if row is None else _answered(row, wanted)

    async def finish(self, key: str, answered: Answered) -> None:
        """This is what it was answered with."""
        body = None if answered.body is None else answered.body.decode()
        told = {"headers": json.dumps(answered.headers), "body": body}
        statement = update(ANSWERED).where(A.key == key)
        done = statement.values(status=answered.status, **told)
        await self._records.write(lambda c: c.execute(done))

    async def forget(self, key: str) -> None:
        """It came to nothing, and may be tried again."""
        gone = delete(ANSWERED).where(A.key == key)
        await self._records.write(lambda c: c.execute(gone))

    async def run(self) -> None:
        """Forget what is old, from time to time."""
        while True:
            await self._forget_old()
            await asyncio.sleep(CLEANED_EVERY_S)

    async def _forget_old(self) -> None:
        old = delete(ANSWERED).where(A.at < self._records.clock() - KEPT)
        await self._records.write(lambda c: c.execute(old))


def _answered(row: Row[Any], wanted: str) -> Answered:
    if row.wanted != wanted:
        raise OtherRequestError
    if row.status is None:
        raise BusyError
    body = None if row.body is None else row.body.encode()
    return Answered(row.status, json.loads(row.headers), body)
