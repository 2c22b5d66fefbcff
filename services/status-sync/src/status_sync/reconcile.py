"""Which webhooks were lost, and whether those to come will arrive.

GitHub tries to deliver a webhook once, and tries again only when somebody presses a
button. But it remembers every attempt for three days, so what did not arrive while we
were away can be fetched.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .domain.hooks import HookState
from .webhooks import HINTS, OF_APP, TAKEN

#: How long GitHub remembers attempts.
REMEMBERED: Final = timedelta(days=3)
#: GitHub may list an attempt some time after it was made.
LISTED_LATE: Final = timedelta(minutes=10)
#: So many are fetched in one sweep, and so often may GitHub fail to hand one out.
MOST_FETCHED: Final = 500
MOST_FAILURES: Final = 5


@dataclass(frozen=True)
class Attempt:
    """One attempt of GitHub's to deliver a webhook."""

    id: int
    #: The same for every attempt to deliver the same webhook.
    guid: str
    event: str
    at: datetime
    arrived: bool
    #: None: it is about none.
    repository_id: int | None = None


def hook_state(
    *, active: bool, events: Iterable[str], of_app: bool = False
) -> HookState:
    """What a webhook that is there is good for."""
    if not active:
        return HookState.DISABLED
    subscribed = set(events)
    # Of an App's own webhook `meta` would tell that the whole App is gone.
    wanted = TAKEN | HINTS - {"meta"} if of_app else TAKEN | HINTS
    complete = "*" in subscribed or subscribed >= wanted
    return HookState.OK if complete else HookState.OUTDATED


def begin(reached: datetime, now: datetime) -> datetime:
    """From when on deliveries are looked at, if those before `reached` are done."""
    return max(now - REMEMBERED, reached - LISTED_LATE)


def lost(attempts: Iterable[Attempt]) -> list[Attempt]:
    """One attempt for each delivery that matters and never arrived, oldest first."""
    known = sorted(attempts, key=lambda attempt: (attempt.at, attempt.id))
    arrived = {attempt.guid for attempt in known if attempt.arrived}
    failed = {
        attempt.guid: attempt
        for attempt in known
        if attempt.guid not in arrived and attempt.event in TAKEN | OF_APP
    }
    return list(failed.values())
