"""The two shapes that everything else is made of: a fact, and its envelope.

A *fact* is something that happened, written as a frozen pydantic model. It is stored
exactly as it is said: the same class is the row in the event store and the body on the
bus, so there is nothing to translate and nothing to keep in step.

A fact that other services may hear is an `Event` and lives in `shared.contracts`. A
fact that stays inside a service is a plain `Fact` and lives in that service's domain;
the relay never sends it.

What is `Unrecorded` is no fact: a question, its answer or a hint. It is said and not
stored, lives for a moment, and losing it costs only time.

A `Message` is a fact with its CloudEvents attributes. Messages are what the bus carries
and what streams are made of: those a service took (`source` is somebody else) and those
it said (`source` is itself).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

#: Every fact by the name under which it is stored and sent.
KINDS: dict[str, type["Fact"]] = {}


class Value(BaseModel):
    """A part of a fact. Unknown members are ignored: a contract only ever grows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Named(Value):
    """Something that is stored or sent."""

    version: ClassVar[int] = 1

    @classmethod
    def kind(cls) -> str:
        """The name that is stored and sent: never derived from a module path."""
        return f"io.gitploy.{cls.__name__}.v{cls.version}"


class Fact(Named):
    """Something that happened, kept in a stream."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: object) -> None:
        known = KINDS.setdefault(cls.kind(), cls)
        if known.__module__ != cls.__module__:
            raise TypeError(f"two facts are called {cls.kind()}")


class Event(Fact):
    """A fact that other services may hear."""

    #: Whether a repeat that somebody asked for asks its takers to repeat, too (law 6).
    passes_on_asking: ClassVar[bool] = False

    @property
    def subject(self) -> str:
        """What the event is about: the CloudEvents `subject`."""
        raise NotImplementedError


class DeploymentEvent(Event):
    """An event whose subject is one of our deployments."""

    deployment_id: UUID

    @property
    def subject(self) -> str:
        return str(self.deployment_id)


class Unrecorded(Named):
    """Something that is said and not stored."""


class Answer(Unrecorded):
    """What a question is answered with; it goes to the process that asked."""


A_co = TypeVar("A_co", bound=Answer, covariant=True)


class Question(Unrecorded, Generic[A_co]):
    """Asks another service for something, once; somebody answers in time, or nobody."""

    @property
    def subject(self) -> str:
        """What is asked about: the CloudEvents `subject`."""
        raise NotImplementedError


class Hint(Unrecorded):
    """Says that looking makes sense now. Who doesn't hear it looks later."""

    @property
    def subject(self) -> str:
        """What it is about: the CloudEvents `subject`."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Cause:
    """Why something is recorded: what a new message inherits from an older one."""

    #: One for everything that one request set in motion.
    correlation_id: str
    #: The id of the message that led to this one; none for a person's command.
    causation_id: str | None = None


F_co = TypeVar("F_co", bound=Fact, covariant=True)


@dataclass(frozen=True, kw_only=True)
class Message(Generic[F_co]):
    """A fact and where it came from."""

    #: Random, stored with the fact: a repeat has the id that the first one had.
    id: str
    #: The service that said it.
    source: str
    time: datetime
    correlation_id: str
    causation_id: str | None
    #: Its place in the stream that said it, from 1.
    revision: int
    #: The sender lacks an answer: say again what this stream has said (law 6).
    asked: bool = False
    data: F_co

    @property
    def cause(self) -> Cause:
        """What this message's consequences are to be recorded with."""
        return Cause(correlation_id=self.correlation_id, causation_id=self.id)
