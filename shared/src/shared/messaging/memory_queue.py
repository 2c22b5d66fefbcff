"""A queue of the in-memory bus: what waits in it, and who takes it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts import ROUTES, Event, Message

from .handling import Able, Subscription, Tries, UnableError


@dataclass(order=True)
class Delivery:
    """A message on its way to a handler, in the order in which they are due."""

    due: datetime
    number: int
    message: Message[Event] = field(compare=False)
    tries: Tries = field(compare=False, default=Tries())
    handled: "asyncio.Event" = field(compare=False, default_factory=asyncio.Event)
    kept: bool = field(compare=False, default=False)


class Queue:
    """One service's messages: those that wait, and those on the ladder."""

    def __init__(self, service: str) -> None:
        self.service = service
        self.waiting: asyncio.Queue[Delivery] = asyncio.Queue()
        self.ladder: list[Delivery] = []
        self.in_hand = 0
        self.subscription: Subscription | None = None

    @property
    def takes(self) -> frozenset[type[Event]]:
        if self.subscription is not None:
            return frozenset(self.subscription)
        return frozenset(e for e, r in ROUTES.items() if self.service in r.takers)


@dataclass
class Taker:
    """Who takes a queue's messages."""

    subscription: Subscription
    able: Able | None
    in_hand: set["asyncio.Task[None]"] = field(default_factory=set)
    stop: Callable[[], object] = bool
    unable: UnableError | None = None
