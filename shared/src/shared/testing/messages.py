"""Facts as messages, with as little ceremony as a test wants."""

from datetime import datetime
from typing import TypeVar
from uuid import uuid4

from shared.contracts import ROUTES, Event, Fact, Message

from .clock import T0

F = TypeVar("F", bound=Fact)


def said(
    fact: F,
    *,
    source: str | None = None,
    time: datetime = T0,
    id: str | None = None,  # noqa: A002 - the envelope calls it so
    revision: int = 1,
    asked: bool = False,
) -> Message[F]:
    """A message as its service would say it."""
    route = ROUTES.get(type(fact)) if isinstance(fact, Event) else None
    return Message(
        id=id or str(uuid4()),
        source=source or (route.source if route else "test"),
        time=time,
        correlation_id="test",
        causation_id=None,
        revision=revision,
        asked=asked,
        data=fact,
    )
