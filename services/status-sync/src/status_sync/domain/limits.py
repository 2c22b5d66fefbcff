"""How long to wait, and for what."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    #: From a repository's first absence until it counts as gone.
    absence: timedelta = timedelta(minutes=30)
    #: From the first word of a deployment until, without a link, it is somebody else's.
    link: timedelta = timedelta(minutes=2)
    #: From one sweep to the next.
    sweep: timedelta = timedelta(minutes=5)
