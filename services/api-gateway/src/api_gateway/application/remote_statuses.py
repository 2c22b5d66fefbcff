"""What the gateway does about statuses that people want to be at GitHub."""

from functools import partial
from uuid import UUID

from api_gateway.domain import command_deadlines, remote_status
from api_gateway.domain.remote_status import RemoteStatusAnswer
from shared.contracts import Cause, Message, RemoteStatusRequested

from .streams import OwnStreams


class RemoteStatuses(OwnStreams):
    async def post_status(self, command: RemoteStatusRequested) -> None:
        """Record that somebody wants a status to be posted to GitHub."""
        await self.remote_statuses.change(
            command.command_id,
            lambda known: [] if command.command_id in known.commands else [command],
            _cause(command.command_id),
        )

    async def take_status_answer(self, message: Message[RemoteStatusAnswer]) -> None:
        """GitHub has it, or does not take it."""
        await self.remote_statuses.take(message.data.command_id, message)

    async def pass_status_deadline(self, command_id: UUID) -> None:
        """Ask again, if something is due."""
        now = self.store.clock()
        passed = partial(remote_status.passed, now=now, limits=self.limits)
        cause = _cause(command_id)
        known = await self.remote_statuses.change(command_id, passed, cause)
        self.store.say_again(command_deadlines.asked_at(known.waiting, now))


def _cause(command_id: UUID) -> Cause:
    return Cause(correlation_id=str(command_id))
