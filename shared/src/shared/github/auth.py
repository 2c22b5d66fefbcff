"""On whose behalf GitHub is asked: a plain token, or a GitHub App.

An App signs a short JWT with its key and trades it for a token of the installation
that covers the repository, good for an hour, and for no more than its holder needs:
of what the owner has granted it gets what it asks for. Tokens are kept until five
minutes before they end; one that GitHub refuses earlier is forgotten, and the call may
be repeated once with a fresh one; so may a call about a repository that another
installation covers by now. Nothing here is assumed about a token's length or form, and
no token, key or JWT is ever shown by a `repr` or written to a log.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol

import jwt
import structlog
from pydantic import AwareDatetime

from .answers import read_as
from .errors import AppNotInstalled, GitHubNotFound, GitHubUnavailable
from .limits import Clock, utc_now
from .resources import Installation, Resource
from .wire import Answer, Call, Credential, Exchange, NoAnswer, NotSent, Repo

log = structlog.get_logger()

CLOCK_SKEW: Final = timedelta(seconds=60)
JWT_LIFE: Final = timedelta(minutes=9)
SPARE: Final = timedelta(minutes=5)
#: What GitHub lets an App do with a thing, from less to more.
ACCESS: Final = ("read", "write", "admin")
#: What one needs who only looks.
READING: Final[Mapping[str, str]] = {
    "actions": "read",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "members": "read",
    "metadata": "read",
    "statuses": "read",
}


class Auth(Protocol):
    """Has a credential for every call, and learns which ones GitHub refuses."""

    async def credential(self, repo: Repo | None, exchange: Exchange) -> Credential:
        """The credential for a repository; without one, for the caller itself."""
        ...

    def refused(self, credential: Credential) -> bool:
        """Forget it. Whether a fresh one can be had."""
        ...

    async def moved(self, repo: Repo, exchange: Exchange) -> bool:
        """GitHub shows nothing there. Whether another credential might see it."""
        ...


def bearer(token: str) -> Credential:
    return Credential(f"Bearer {token}", hashlib.sha256(token.encode()).hexdigest())


class TokenAuth:
    """One token for everything: a person's, or a machine user's."""

    def __init__(self, token: str) -> None:
        self._credential = bearer(token)

    async def credential(self, repo: Repo | None, exchange: Exchange) -> Credential:
        del repo, exchange
        return self._credential

    def refused(self, credential: Credential) -> bool:
        del credential
        return False

    async def moved(self, repo: Repo, exchange: Exchange) -> bool:
        del repo, exchange
        return False


class _Token(Resource):
    token: str
    expires_at: AwareDatetime


@dataclass(frozen=True)
class _Minted:
    credential: Credential
    until: datetime = field(repr=False)


class AppAuth:
    """A GitHub App, known by its client id (or the older app id) and its key.

    Args:
        client_id: Which App.
        private_key: What it signs with, in PEM.
        clock: The time now, in UTC.
        needs: What tokens are asked for, of what was granted; else all of that.
    """

    def __init__(
        self,
        client_id: str,
        private_key: str,
        clock: Clock = utc_now,
        *,
        needs: Mapping[str, str] | None = None,
    ) -> None:
        self._client_id = client_id
        self._private_key = private_key
        self._needs = needs
        self._clock = clock
        #: Which installation covers a repository, and the token of each.
        self._installations: dict[Repo, int] = {}
        self._tokens: dict[int, _Minted] = {}
        #: One asks, all others wait for the same answer, also if there is none.
        self._asking: dict[str, asyncio.Task[_Minted]] = {}

    async def credential(self, repo: Repo | None, exchange: Exchange) -> Credential:
        if repo is None:
            return self._own()
        minted = self._kept(self._installations.get(repo))
        return (minted or await self._find(repo, exchange)).credential

    def refused(self, credential: Credential) -> bool:
        ended = {i for i, m in self._tokens.items() if m.credential == credential}
        for installation in ended:
            del self._tokens[installation]
        # The App may have been installed anew: then the number is another one, too.
        for repo in [r for r, i in self._installations.items() if i in ended]:
            del self._installations[repo]
        return bool(ended)

    async def moved(self, repo: Repo, exchange: Exchange) -> bool:
        # A transfer to another owner puts it under another installation.
        before = self._installations.get(repo)
        await self._find(repo, exchange)
        return self._installations.get(repo) != before

    async def _find(self, repo: Repo, exchange: Exchange) -> _Minted:
        ask = partial(self._installed, repo, exchange)
        return await self._once(f"repository {repo}", ask)

    async def _once(
        self, what: str, ask: Callable[[], Coroutine[Any, Any, _Minted]]
    ) -> _Minted:
        if what not in self._asking:
            task = asyncio.create_task(ask())
            self._asking[what] = task
            task.add_done_callback(lambda done: self._asked(what, done))
        # Whoever leaves must not take the answer along from the others.
        return await asyncio.shield(self._asking[what])

    def _asked(self, what: str, done: "asyncio.Task[_Minted]") -> None:
        del self._asking[what]
        if not done.cancelled():
            # Maybe nobody waits for it any more.
            done.exception()

    async def _installed(self, repo: Repo, exchange: Exchange) -> _Minted:
        installation = await self._installation(repo, exchange)
        self._installations[repo] = installation.id
        if minted := self._kept(installation.id):
            return minted
        ask = partial(self._mint, installation, exchange)
        return await self._once(f"installation {installation.id}", ask)

    def _kept(self, installation: int | None) -> _Minted | None:
        minted = None if installation is None else self._tokens.get(installation)
        return minted if minted and minted.until > self._clock() else None

    def _own(self) -> Credential:
        now = self._clock()
        claims = {
            "iat": int((now - CLOCK_SKEW).timestamp()),
            "exp": int((now + JWT_LIFE).timestamp()),
            "iss": self._client_id,
        }
        token = jwt.encode(claims, self._private_key, algorithm="RS256")
        return Credential(f"Bearer {token}", f"app {self._client_id}")

    async def _installation(self, repo: Repo, exchange: Exchange) -> Installation:
        call = Call("GET", "/repos/{repo}/installation", repo)
        try:
            return read_as(Installation, await self._ask(call, exchange))
        except GitHubNotFound as error:
            raise AppNotInstalled(str(repo)) from error

    async def _mint(self, installation: Installation, exchange: Exchange) -> _Minted:
        route = "/app/installations/{id}/access_tokens"
        body = None
        if self._needs is not None:
            asked = of_granted(self._needs, installation.permissions)
            body = {"permissions": asked}
        call = Call("POST", route, ids={"id": installation.id}, body=body)
        token = read_as(_Token, await self._ask(call, exchange))
        log.debug("installation_token_minted", installation=installation.id)
        minted = _Minted(bearer(token.token), token.expires_at - SPARE)
        self._tokens[installation.id] = minted
        return minted

    async def _ask(self, call: Call, exchange: Exchange) -> Answer:
        try:
            return await exchange.send(call, self._own())
        except (NotSent, NoAnswer) as error:
            raise GitHubUnavailable(str(error)) from error


def of_granted(needs: Mapping[str, str], granted: Mapping[str, str]) -> dict[str, str]:
    """What is asked for: GitHub refuses a token that would do more than was granted."""
    return {
        name: min(access, granted[name], key=ACCESS.index)
        for name, access in needs.items()
        if granted.get(name) in ACCESS
    }
