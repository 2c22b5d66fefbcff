"""Who listens to this replica, and what they may be told now.

Whoever has arrived where the feed is hears of what happens from here. Who they are is
looked up for all of them together, and who may read a repository once for all that is
told of it: an event costs few questions to the database, however many listen.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final, Protocol

from api_gateway.read_model import EventId, Update
from shared.store import Clock

from .admission import Admission
from .auth import User

#: What another replica has learned shows so late at most.
LOOK_EVERY_S: Final = 5.0


class Listener(Protocol):
    """One of them."""

    #: The session or the token that proves who it is.
    secret: str
    #: Up to here they were told.
    position: int

    def hear(self, frames: bytes, at: EventId) -> None:
        """This is all they may be told up to here."""

    def end(self) -> None:
        """They may be told nothing any more."""


class Listening:
    """The audience of the feed.

    Args:
        admission: Who may read what.
        clock: By which sessions and tokens end.
    """

    def __init__(self, admission: Admission, clock: Clock) -> None:
        self._admission = admission
        self._clock = clock
        self._listeners: set[Listener] = set()
        #: Those who were looked for, and those of them who were found.
        self._looked_for: Collection[str] = frozenset()
        self._users: Mapping[str, User] = {}
        self._readers: Mapping[int, Collection[int]] = {}
        self._looked_at = -LOOK_EVERY_S
        self._generation = -1

    def __len__(self) -> int:
        return len(self._listeners)

    def arrive(self, one: Listener) -> None:
        """Tell them what comes from now on."""
        self._listeners.add(one)

    def leave(self, one: Listener) -> None:
        """Tell them no more."""
        self._listeners.discard(one)

    async def expect(self, updates: Sequence[Update]) -> None:
        """See who may be told of these."""
        about = {one.repo_id for one in updates if one.repo_id is not None}
        old = time.monotonic() - self._looked_at >= LOOK_EVERY_S
        # Others come, and permissions change, while we look.
        while old or not self._know(about):
            old = False
            self._generation = self._admission.generation
            self._looked_at = time.monotonic()
            secrets = {one.secret for one in self._listeners}
            users = await self._admission.listening(secrets)
            self._readers = await self._admission.readers(about, users.values())
            self._users, self._looked_for = users, secrets

    def hear(self, updates: Sequence[Update], at: EventId) -> None:
        """Tell everybody what they may know of these; all is told up to there then."""
        now = self._clock()
        told: dict[str, bytes] = {}
        for one in tuple(self._listeners):
            if not updates:
                one.hear(b"", at)
            elif (user := self._users.get(one.secret)) is None or user.ended(now):
                one.end()
            elif one.position >= updates[0].id.position:
                # They come from a replica that is ahead of this one.
                news = [each for each in updates if each.id.position > one.position]
                one.hear(self._frames(user, news), at)
            else:
                if one.secret not in told:
                    told[one.secret] = self._frames(user, updates)
                one.hear(told[one.secret], at)

    def _know(self, about: Collection[int]) -> bool:
        return (
            self._generation == self._admission.generation
            and self._readers.keys() >= set(about)
            and all(one.secret in self._looked_for for one in self._listeners)
        )

    def _frames(self, user: User, updates: Sequence[Update]) -> bytes:
        may = self._admission.may_read
        told = [u.frame for u in updates if may(user, u.repo_id, self._readers)]
        return b"".join(told)
