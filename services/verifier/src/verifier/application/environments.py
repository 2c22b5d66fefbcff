"""Commands about an environment: each is answered once, and again when asked."""

from dataclasses import replace
from functools import partial
from typing import cast
from uuid import UUID

from shared.contracts import EnvironmentCommand, Event, Message
from verifier.domain import environment
from verifier.domain.environment import Command, EnvironmentAnswer, environment_id

from .streams import Kept


class Environments(Kept):
    """Locks, and the hold after a rollback."""

    async def take_command(self, message: Message[Command]) -> None:
        """Somebody wants something of an environment."""
        place = environment_id(message.data.repository, message.data.environment)
        if message.asked:
            await self._answer_again(place, message.data)
        # Who asks is told what concerns the command, and not all that was ever said.
        known = await self.environments.take(place, replace(message, asked=False))
        while environment.answer(known, self.clock()):
            decide = partial(environment.answer, now=self.clock())
            known = await self.environments.change(place, decide, message.cause)

    async def _answer_again(self, place: UUID, command: EnvironmentCommand) -> None:
        said = await self.environments.messages(place)
        self.store.say_again(
            [
                cast("Message[Event]", message)
                for message in said
                if isinstance(message.data, EnvironmentAnswer)
                and message.data.command_id == command.command_id
            ]
        )
