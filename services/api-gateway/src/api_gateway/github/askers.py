"""In whose name GitHub is asked."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from api_gateway.ports import InNameOf
from shared.contracts import Person
from shared.github import GitHubClient

T = TypeVar("T")

#: Gitploy's own answers are the same for all who may read a repository here.
OURS: Final = "gitploy"


@dataclass(frozen=True)
class Asker:
    client: GitHubClient
    #: Whose answers these are: a digest, never the token itself.
    identity: str

    @property
    def own(self) -> bool:
        return self.identity == OURS


class Askers:
    """Gives each person a client: with the token of his own, or with Gitploy's."""

    def __init__(
        self,
        own: GitHubClient,
        connect: Callable[[str], GitHubClient],
        in_name_of: InNameOf,
    ) -> None:
        self._own = Asker(own, OURS)
        self._connect = connect
        self._in_name_of = in_name_of

    async def ask(self, who: Person, ask: Callable[[Asker], Awaitable[T]]) -> T:
        """What GitHub answers to somebody."""
        return await self._in_name_of(who, lambda token: ask(self._asker(token)))

    def _asker(self, token: str | None) -> Asker:
        if token is None:
            return self._own
        identity = hashlib.sha256(token.encode()).hexdigest()
        return Asker(self._connect(token), identity)
