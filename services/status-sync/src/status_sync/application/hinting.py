"""Hints: something was reported about a commit, so who waits for its checks may look.

Checks are reported in storms, dozens within a second for one commit. They are gathered
for a moment, and each commit is hinted at once; what comes later is the next hint. None
of this is recorded: whoever misses a hint looks a little later.
"""

import asyncio
from typing import Final

from shared.contracts import CommitChecksChanged

from .streams import OwnStreams

#: How long hints are gathered.
GATHER_S: Final = 2.0
#: So many commits are remembered meanwhile.
MOST: Final = 10_000


class Hinting(OwnStreams):
    def change_checks(self, changed: CommitChecksChanged) -> None:
        """Hint at it soon, once."""
        if len(self.changed) < MOST:
            self.changed[changed.repository.id, changed.sha] = changed
            self.changing.set()

    async def hint_when_changed(self) -> None:
        """Say which commits have changed, each once in a while."""
        while True:
            await self.changing.wait()
            await asyncio.sleep(GATHER_S)
            self.changing.clear()
            due, self.changed = self.changed, {}
            for changed in due.values():
                await self.hint(changed)
