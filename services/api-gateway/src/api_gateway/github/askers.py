"""In whose name GitHub is asked."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api_gateway.ports import TokenOf
from shared.contracts import Person
from shared.github import GitHubClient

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
        token_of: TokenOf,
    ) -> None:
        self._own = Asker(own, OURS)
        self._connect = connect
        self._token_of = token_of

    async def asker(self, who: Person) -> Asker:
        token = await self._token_of(who)
        if token is None:
            return self._own
        identity = hashlib.sha256(token.encode()).hexdigest()
        return Asker(self._connect(token), identity)
