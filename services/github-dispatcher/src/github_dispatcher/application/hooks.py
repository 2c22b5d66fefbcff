"""Webhooks of repositories: made, brought up to date, removed."""

from uuid import UUID

from github_dispatcher.domain import hook
from github_dispatcher.domain.answers import Limits
from github_dispatcher.domain.hook import Command, Hook
from github_dispatcher.ports import GitHub
from shared.contracts import Cause, Message, RepositoryDeactivationRequested
from shared.store import Store, Streams

from .turns import Turns


class Hooks(Turns):
    def __init__(self, store: Store, github: GitHub, limits: Limits) -> None:
        super().__init__(store, github, limits)
        self.hooks = Streams(store, Hook(), hook.evolve)

    async def take_command(self, message: Message[Command]) -> None:
        """Somebody wants us to follow a repository, or to leave it alone."""
        stream = hook.stream_of(message.data.repository)
        async with self._turn(stream):
            known = await self.hooks.take(stream, message)
            await self.advance_hook(stream, known, message.cause)

    async def advance_hook(self, stream: UUID, known: Hook, cause: Cause) -> None:
        """Bring GitHub to what is wanted now, and answer all who wait."""
        while known.unanswered and (wish := known.newest):
            decide = await self._carry_out(wish)
            known = await self.hooks.change(stream, decide, cause)

    async def _carry_out(self, wish: Command) -> hook.Decide:
        if isinstance(wish, RepositoryDeactivationRequested):
            await self.github.remove_hook(wish.repository)
            return hook.deactivated(wish)
        return hook.activated(wish, await self.github.ensure_hook(wish.repository))
