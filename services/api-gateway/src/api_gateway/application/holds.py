"""What the gateway does about holds: news, commands to end them, deadlines."""

from functools import partial
from uuid import UUID

from api_gateway.domain import command_deadlines, hold
from api_gateway.domain.hold import HoldAnswer, hold_of
from shared.contracts import AutoDeployResumeRequested, Cause, Message

from .streams import OwnStreams


class Holds(OwnStreams):
    async def resume(self, command: AutoDeployResumeRequested) -> None:
        """Record that somebody wants pushes to be deployed again."""
        await self.holds.change(
            hold_of(command.rollback_id),
            lambda known: [] if command.command_id in known.commands else [command],
            Cause(correlation_id=str(command.command_id)),
        )

    async def take_hold(self, message: Message[HoldAnswer]) -> None:
        """The verifier told that a hold has begun, or ended."""
        await self.holds.take(hold_of(message.data.rollback_id), message)

    async def pass_hold_deadline(self, stream: UUID) -> None:
        """Ask again, if something is due."""
        now = self.store.clock()
        passed = partial(hold.passed, now=now, limits=self.limits)
        cause = Cause(correlation_id=str(stream))
        known = await self.holds.change(stream, passed, cause)
        self.store.say_again(command_deadlines.asked_at(known.waiting, now))
