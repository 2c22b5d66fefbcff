"""What a bus is. Two adapters pass the same tests: in memory and RabbitMQ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from shared.contracts import Answer, Event, Hint, Message, Question

from .answering import Hearing
from .handling import Able, Subscription

R = TypeVar("R", bound=Answer)

#: How many messages of one queue are in hand at once.
PREFETCH = 64


class BusUnavailableError(Exception):
    """The broker can't be reached, or did not confirm in time. Try again."""


class MessageRefusedError(Exception):
    """The broker itself refuses this message: no queue is bound, or it's too large."""


@dataclass(frozen=True)
class DeadLetter:
    """A message that nobody could handle."""

    id: str
    service: str
    kind: str
    subject: str
    reason: str
    at: datetime
    #: All of it, as it came.
    headers: Mapping[str, Any]
    body: bytes


class Bus(Protocol):
    """Carries events from the service that says them to the queues that take them."""

    async def publish(self, message: Message[Event]) -> None:
        """Return once every bound queue is responsible for the message.

        Raises:
            BusUnavailableError: It may or may not have arrived: publish again.
            MessageRefusedError: It will not arrive as it is.
        """
        ...

    async def consume(
        self, service: str, subscription: Subscription, able: Able | None = None
    ) -> None:
        """Take messages until cancelled; then finish those in hand.

        Where a handler fails, `able` is asked whether any could have worked.

        Raises:
            UnableError: None could: those in hand are back in the queue.
        """
        ...

    async def ask(self, question: Question[R], within: timedelta) -> R | None:
        """Ask a service, and wait so long for its answer; none if none came.

        Raises:
            BusUnavailableError: Nobody could be asked.
        """
        ...

    async def hint(self, hint: Hint) -> None:
        """Say it if that is possible at once; losing it costs only time."""
        ...

    async def answer(self, service: str, hearing: Hearing) -> None:
        """Answer questions and hear hints until cancelled; then finish those in hand.

        Of a service's replicas one gets each.
        """
        ...

    async def remembers(self, service: str) -> bool:
        """Whether this is still the broker that the service has published to.

        A broker that lost its data has lost the messages that it confirmed, too.
        """
        ...

    async def remember(self, service: str) -> None:
        """Leave the mark that `remembers` looks for."""
        ...

    async def dead_letters(self) -> list[DeadLetter]:
        """What nobody could handle, of all services, oldest first."""
        ...

    async def revive(self, message_id: str | None = None) -> int:
        """Send dead letters (one, or all) back to their queues; how many there were."""
        ...

    async def drop(self, message_id: str, service: str | None = None) -> int:
        """Destroy a dead letter, of one service or of all; how many there were."""
        ...

    async def ready(self) -> None:
        """Raises BusUnavailableError with the reason."""
        ...

    async def close(self) -> None:
        """Let go of connections and files."""
        ...
