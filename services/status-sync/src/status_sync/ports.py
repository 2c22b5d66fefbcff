"""What status-sync asks of the world."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from shared.contracts import Repository

from .domain.hooks import AnyHook, HookState
from .domain.told import StatusKept
from .reconcile import Attempt
from .webhooks import Webhook


class NoAnswerError(Exception):
    """GitHub gives no answer to use now; worth another try after a while."""

    def __init__(self, reason: str, after: timedelta) -> None:
        super().__init__(reason)
        self.after = after


class Lack(Enum):
    """Why GitHub shows nothing."""

    #: It has no such, or hides it.
    ABSENT = auto()
    #: It does not let us see it.
    FORBIDDEN = auto()


class GitHub(Protocol):
    """What GitHub knows. Every method raises NoAnswerError."""

    async def statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[StatusKept] | Lack:
        """All statuses of a deployment."""
        ...

    async def locate(self, repository: Repository) -> Repository | None:
        """The repository under the name that it has now; None if GitHub shows none.

        A token that GitHub does not accept is no answer.
        """
        ...

    async def hook(self, hook: AnyHook) -> HookState:
        """What became of the webhook that the dispatcher has made, or of the App's."""
        ...

    async def attempts(self, hook: AnyHook, since: datetime) -> Sequence[Attempt]:
        """What became of the deliveries: at least those that failed."""
        ...

    async def delivery(self, hook: AnyHook, attempt: Attempt) -> Webhook | None:
        """What it tried to deliver; None if GitHub has forgotten it."""
        ...


class Turns(Protocol):
    """Work that is done now and then, by one replica, from where the last one ended."""

    async def claim(self, work: str, every: timedelta) -> int | None:
        """Take the turn; where to go on, or None if it was taken so recently.

        Whoever has taken it may crash: the turn after it begins at the same place.
        """
        ...

    async def reach(self, work: str, place: int) -> None:
        """The next turn goes on there."""
        ...
