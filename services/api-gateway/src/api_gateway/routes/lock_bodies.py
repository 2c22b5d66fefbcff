"""The bodies of requests about locks."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict

from .bodies import Body
from .texts import Environment, Prose
from .times import time_from


def _time(given: Any) -> datetime:
    text = given if isinstance(given, str) else ""
    return time_from(text)


Time = Annotated[datetime, BeforeValidator(_time)]


class TakeOverBody(Body):
    """Why the lock is to be somebody else's, and until when."""

    reason: Prose = ""
    expired_at: Time | None = None


class LockBody(TakeOverBody):
    """What to lock, why, and until when."""

    env: Environment


class LockChangeBody(Body):
    """What is to be otherwise about a lock; `null` takes its end away."""

    # A member that we don't know would have to change something, and could not.
    model_config = ConfigDict(extra="forbid")

    reason: Prose | None = None
    expired_at: Time | None = None
