"""What GitHub shows to somebody who signed in: who they are, and what they may see.

One object serves all people: the token comes with each question. Answers are kept and
confirmed for each token alone, so nobody is shown what another was. A token that GitHub
takes no more raises `GitHubUnauthorized`, which ends what it was good for; every other
`GitHubError` says nothing about the person.
"""

from typing import Final, TypeVar

import aiohttp

from .answers import read_as
from .auth import TokenAuth
from .calls import Reads
from .etags import EtagCache
from .limits import Clock, utc_now
from .resources import Account, Repository, Resource, Text
from .wire import Call, OnCall, Repo, Timeouts, Wire

PAGE: Final = {"per_page": "100"}
#: A page of a hundred repositories is half a megabyte.
KEPT_BYTES: Final = 64 * 1024 * 1024

R = TypeVar("R", bound=Resource)


class Person(Resource):
    """Somebody with an account at GitHub."""

    id: int
    login: str
    name: Text = ""
    avatar_url: Text = ""


class Permissions(Resource):
    """What somebody may do in a repository; each includes the former."""

    pull: bool = False
    push: bool = False
    admin: bool = False


class OwnRepository(Repository):
    """A repository as one person sees it."""

    description: Text = ""
    permissions: Permissions = Permissions()


class People:
    """GitHub through the eyes of those who signed in."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        *,
        clock: Clock = utc_now,
        timeouts: Timeouts | None = None,
        on_call: OnCall | None = None,
    ) -> None:
        times = timeouts or Timeouts()
        self._wire = Wire(session, api_url, "", times, clock, on_call)
        self._cache = EtagCache(KEPT_BYTES)

    async def user(self, token: str) -> Person:
        """Whose token it is."""
        answer = await self._reads(token).answer(Call("GET", "/user"))
        return read_as(Person, answer)

    async def organizations(self, token: str) -> list[Account]:
        """All organizations that they belong to, as far as the token may see them."""
        return await self._all(Account, token, "/user/orgs")

    async def repositories(self, token: str) -> list[OwnRepository]:
        """All repositories that they may see, with what they may do there."""
        return await self._all(OwnRepository, token, "/user/repos")

    async def repository(self, token: str, repo: Repo) -> OwnRepository:
        """One repository; `GitHubNotFound`: there is none for them."""
        call = Call("GET", "/repos/{repo}", repo)
        return read_as(OwnRepository, await self._reads(token).answer(call))

    async def _all(self, kind: type[R], token: str, route: str) -> list[R]:
        pages = self._reads(token).pages(kind, Call("GET", route, query=PAGE))
        return [item async for item in pages]

    def _reads(self, token: str) -> Reads:
        return Reads(self._wire, TokenAuth(token), cache=self._cache)
