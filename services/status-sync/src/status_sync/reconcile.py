"""Which webhooks were lost.

GitHub tries to deliver a webhook once, and tries again only when somebody presses a
button. But it remembers every attempt for three days, so what did not arrive while we
were away can be fetched.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .webhooks import TAKEN

#: How long GitHub remembers attempts.
REMEMBERED: Final = timedelta(days=3)


@dataclass(frozen=True)
class Attempt:
    """One attempt of GitHub's to deliver a webhook."""

    id: int
    #: The same for every attempt to deliver the same webhook.
    guid: str
    event: str
    at: datetime
    arrived: bool


def lost(attempts: Iterable[Attempt]) -> list[Attempt]:
    """One attempt for each delivery that matters and never arrived, oldest first."""
    known = sorted(attempts, key=lambda attempt: (attempt.at, attempt.id))
    arrived = {attempt.guid for attempt in known if attempt.arrived}
    failed = {
        attempt.guid: attempt
        for attempt in known
        if attempt.guid not in arrived and attempt.event in TAKEN
    }
    return list(failed.values())
