"""What somebody who is connected for long may still be told."""

import time
from collections.abc import Sequence
from typing import Final

from aiohttp import web

from api_gateway.read_model import Update

from .admission import Admission

#: What another replica has learned shows so late at most.
LOOK_EVERY_S: Final = 5.0


class Listener:
    """One of those who listen: looked at again whenever something is to be told."""

    def __init__(self, request: web.Request, admission: Admission) -> None:
        self._request = request
        self._admission = admission
        self._generation = -1
        self._looked_at = 0.0
        self._readable: frozenset[int] | None = frozenset()

    async def may_see(self, updates: Sequence[Update]) -> Sequence[Update]:
        """Those of them that they may be told now.

        Raises:
            ApiError: They may be told nothing any more.
        """
        await self._look()
        if self._readable is None:
            return updates
        return [one for one in updates if one.repo_id in self._readable]

    async def _look(self) -> None:
        now, generation = time.monotonic(), self._admission.generation
        if generation == self._generation and now - self._looked_at < LOOK_EVERY_S:
            return
        self._readable = await self._admission.readable_now(self._request)
        self._generation, self._looked_at = generation, now
