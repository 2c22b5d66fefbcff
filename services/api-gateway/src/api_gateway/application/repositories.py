"""What the gateway does about repositories: commands, answers, deadlines."""

from functools import partial
from uuid import UUID, uuid4

from api_gateway.domain import command_deadlines
from api_gateway.domain.commands import CommandAskedAgain, CommandLeftUnanswered
from api_gateway.domain.repository import (
    Answer,
    Command,
    News,
    changed,
    configured,
    stream_of,
)
from shared.contracts import Cause, Message

from .streams import OwnStreams


class Repositories(OwnStreams):
    async def command_repository(self, command: Command) -> None:
        """Record a command that somebody gave about a repository."""
        await self.repositories.change(
            stream_of(command.repository.id),
            lambda known: [] if command.command_id in known.commands else [command],
            Cause(correlation_id=str(command.command_id)),
        )

    async def take_answer(self, message: Message[Answer]) -> None:
        """A command about a repository was answered."""
        await self._take(message)

    async def take_news(self, message: Message[News]) -> None:
        """It has another name, or is out of our reach, or its pushes have no rules."""
        await self._take(message)

    async def _take(self, message: Message[Answer] | Message[News]) -> None:
        stream = stream_of(message.data.repository.id)
        known = await self.repositories.take(stream, message)
        if changed(known):
            await self.repositories.change(stream, changed, message.cause)

    async def configure_repository(self, repository_id: int, config_path: str) -> None:
        """Read the rules of a repository from there."""
        await self.repositories.change(
            stream_of(repository_id),
            partial(configured, config_path=config_path),
            Cause(correlation_id=str(uuid4())),
        )

    async def pass_repository_deadline(self, stream: UUID) -> None:
        """Do what is due for the newest command about a repository, if something is."""
        now = self.store.clock()
        newest = (await self.repositories.get(stream)).newest
        if newest is None or newest.command is None:
            return
        known = await self.repositories.change(
            stream,
            lambda known: command_deadlines.passed(
                known.waiting,
                now,
                self.limits,
                CommandAskedAgain,
                CommandLeftUnanswered,
            ),
            newest.command.cause,
        )
        self.store.say_again(command_deadlines.asked_at(known.waiting, now))
