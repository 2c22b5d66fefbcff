"""A repository's webhook: what people want, and what GitHub was brought to.

The newest command counts, as the gateway has them in order and not by arrival: its
replicas' clocks may differ, and it would show what we don't do. Every
command is answered once; one that arrives after a newer one only gets its answer, and
the newer one's is said again behind it, so that the last word is the true one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, assert_never, cast
from uuid import UUID, uuid5

from shared.contracts import (
    Message,
    Repository,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
)

from .answers import Refusal

NAMESPACE: Final = UUID("6f1c5a52-3f0e-5c0b-9d5e-0c1f6f6f7a11")

Command = RepositoryActivationRequested | RepositoryDeactivationRequested
Reply = RepositoryActivated | RepositoryActivationRefused | RepositoryDeactivated
HookFact = Command | Reply


@dataclass(frozen=True)
class HookReady:
    """GitHub sends this repository's webhooks to us."""

    repository: Repository
    webhook_id: int = 0
    #: Instead: the App's own webhook hears of it.
    installation_id: int | None = None


Outcome = HookReady | Refusal
SUPERSEDED: Final = Refusal("superseded", "A newer command has deactivated it.")


@dataclass(frozen=True)
class Hook:
    commands: Mapping[UUID, Message[Command]] = field(default_factory=dict)
    answered: frozenset[UUID] = frozenset()

    @property
    def newest(self) -> Command | None:
        """What is wanted now."""
        given = self._in_order
        return given[-1].data if given else None

    @property
    def unanswered(self) -> list[Command]:
        given = self._in_order
        return [m.data for m in given if m.data.command_id not in self.answered]

    @property
    def _in_order(self) -> list[Message[Command]]:
        return sorted(self.commands.values(), key=lambda m: (m.revision, m.time, m.id))


Decide = Callable[[Hook], Sequence[Reply]]


def stream_of(repository: Repository) -> UUID:
    return uuid5(NAMESPACE, str(repository.id))


def evolve(known: Hook, message: Message[HookFact]) -> Hook:
    """File a fact. The order in which facts are filed makes no difference."""
    match message.data:
        case RepositoryActivationRequested() | RepositoryDeactivationRequested():
            command = cast("Message[Command]", message)
            key = message.data.command_id
            return replace(known, commands={**known.commands, key: command})
        case (
            RepositoryActivated() | RepositoryActivationRefused()
            | RepositoryDeactivated()
        ):  # fmt: skip
            done = known.answered | {message.data.command_id}
            return replace(known, answered=done)
    assert_never(message.data)


def activated(wish: Command, outcome: Outcome) -> Decide:
    """Answer whom GitHub's state answers; nobody, if a newer command has come."""

    def decide(known: Hook) -> Sequence[Reply]:
        waiting = known.unanswered
        if known.newest != wish or not waiting:
            return []
        last = [] if wish in waiting else [wish]
        return [_reply(command, outcome) for command in [*waiting, *last]]

    return decide


def deactivated(wish: Command) -> Decide:
    return activated(wish, SUPERSEDED)


def _reply(command: Command, outcome: Outcome) -> Reply:
    to = command.command_id
    if isinstance(command, RepositoryDeactivationRequested):
        return RepositoryDeactivated(command_id=to, repository=command.repository)
    match outcome:
        case HookReady(repository, webhook_id, installation_id):
            return RepositoryActivated(
                command_id=to,
                repository=repository,
                webhook_id=webhook_id,
                installation_id=installation_id,
            )
        case Refusal(code, message):
            return RepositoryActivationRefused(
                command_id=to,
                repository=command.repository,
                code=code,
                message=message,
            )
    assert_never(outcome)
