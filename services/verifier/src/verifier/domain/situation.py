"""How things stand in an environment while a deployment is judged.

The checks read these; the environment's stream says them. They stand apart from both,
so that a question that nobody wants recorded can be answered from the same facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.contracts import Holder, Person, Ref


@dataclass(frozen=True)
class Held:
    """A place that is taken, or that somebody else gets first."""

    holder: Holder
    ref: Ref
    requested_by: Person
    #: Else it waits in line itself.
    running: bool = True


@dataclass(frozen=True)
class Foreign:
    """A deployment that somebody made at GitHub, past Gitploy, and that runs."""

    github_deployment_id: int
    ref: str
    creator: Person | None
    since: datetime


@dataclass(frozen=True)
class Lock:
    """Only its owner deploys here."""

    owner: Person
    reason: str
    #: None: until somebody unlocks.
    expires_at: datetime | None
    locked_at: datetime


@dataclass(frozen=True)
class Hold:
    """Since this rollback pushes are not deployed here."""

    number: int
    who: Person
    since: datetime


@dataclass(frozen=True)
class Situation:
    """All that the checks ask about an environment."""

    #: Whose end is waited for.
    held: Held | None = None
    #: Those at GitHub that run and are not ours.
    foreign: tuple[Foreign, ...] = ()
    lock: Lock | None = None
    hold: Hold | None = None
    #: When which commit last succeeded in which of the environments that are needed.
    succeeded: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
