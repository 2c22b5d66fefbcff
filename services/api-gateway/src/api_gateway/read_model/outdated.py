"""Drops the tables of versions that nobody reads any more.

Replicas of two versions run side by side while one takes the other's place, so the
former version's tables stay beside ours; what is older than those goes. Whoever goes
back that far fills them again from the log.
"""

import re
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, MetaData, Table, delete, inspect, text
from sqlalchemy.schema import DropTable

from .tables import LOCK, POSITIONS, VERSION

VERSIONED: Final = re.compile(r"[a-z_]+_v([0-9]+)")
#: Whoever still reads one of them is not waited for: there is another start.
WAIT: Final = "SET LOCAL lock_timeout = '1s'"


def drop_outdated(c: Connection) -> Sequence[str]:
    """Drop them; answers their names."""
    if c.dialect.name == "postgresql":
        c.execute(text(WAIT))
        c.execute(text(LOCK))
    names = inspect(c).get_table_names()
    versions = {n: int(v[1]) for n in names if (v := VERSIONED.fullmatch(n))}
    # The last of those before ours is the former one.
    older = sorted({v for v in versions.values() if v < VERSION})[:-1]
    dropped = sorted(name for name, version in versions.items() if version in older)
    # In the order in which whoever still applies the log locks them.
    c.execute(delete(POSITIONS).where(POSITIONS.c.version.in_(older)))
    for name in dropped:
        c.execute(DropTable(Table(name, MetaData())))
    return dropped
