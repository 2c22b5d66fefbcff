"""What the gateway does about locks: commands, answers, deadlines."""

from functools import partial
from uuid import UUID

from api_gateway.domain import command_deadlines, lock
from api_gateway.domain.lock import LockAnswer, LockChange
from shared.contracts import Cause, LockRequested, Message, UnlockRequested

from .streams import OwnStreams


class Locks(OwnStreams):
    async def command_lock(self, command: LockRequested | UnlockRequested) -> None:
        """Record that somebody wants a lock, or its end."""
        await self.locks.change(
            command.lock_id,
            lambda known: [] if command.command_id in known.commands else [command],
            _cause(command.lock_id),
        )

    async def change_lock(self, lock_id: UUID, change: LockChange) -> None:
        """Record that somebody wants a lock to be otherwise."""
        decide = partial(lock.changed, change=change)
        await self.locks.change(lock_id, decide, _cause(lock_id))

    async def take_lock(self, message: Message[LockAnswer]) -> None:
        """The verifier told what has become of a lock."""
        await self.locks.take(message.data.lock_id, message)

    async def pass_lock_deadline(self, lock_id: UUID) -> None:
        """Ask again, or end what has run out, if something is due."""
        now = self.store.clock()
        passed = partial(lock.passed, now=now, limits=self.limits)
        known = await self.locks.change(lock_id, passed, _cause(lock_id))
        self.store.say_again(command_deadlines.asked_at(known.waiting, now))


def _cause(lock_id: UUID) -> Cause:
    return Cause(correlation_id=str(lock_id))
