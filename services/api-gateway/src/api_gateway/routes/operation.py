"""What the API can do, one entry for each route: the only table of them.

Who is let in, the published description and the test of every route against every role
are all made from it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Need(Enum):
    """What somebody must be to do something."""

    NOBODY = "nobody"
    USER = "user"
    #: Of the repository in the path, as GitHub says.
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    SYSTEM_ADMIN = "system admin"


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    handler: Handler
    needs: Need
