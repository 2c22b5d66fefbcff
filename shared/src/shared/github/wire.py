"""One HTTP call to GitHub: its address, its headers, its time limit, its answer.

No retries and no opinions here, except one: whether a call that got no answer can have
reached GitHub at all. Connecting may fail without harm (`NotSent`); from the moment
there is a connection nobody knows (`NoAnswer`).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol
from urllib.parse import quote

import aiohttp
import orjson
from multidict import CIMultiDict
from yarl import URL

from shared.connections import why

from .limits import Clock

ACCEPT: Final = "application/vnd.github+json"
API_VERSION: Final = "2022-11-28"
USER_AGENT: Final = "gitploy"

#: A repository by its full name or, what a rename doesn't change, its numeric id.
Repo = str | int
#: Told of every call: method, route template, status (0 without answer), seconds.
OnCall = Callable[[str, str, int, float], None]


@dataclass(frozen=True)
class Timeouts:
    """In seconds. An attempt of the dispatcher's is open for longer than `write`."""

    #: Until there is a connection, however it is had.
    connect: float = 5.0
    read: float = 10.0
    write: float = 10.0


@dataclass(frozen=True)
class Credential:
    """What a call carries to say on whose behalf it is made."""

    header: str = field(repr=False)
    #: Whose answers these are: caches are never shared between two of them.
    identity: str


#: Asks on nobody's behalf.
NOBODY: Final = Credential("", "")


@dataclass(frozen=True)
class Call:
    method: str
    #: As metrics name it: `/repos/{repo}/deployments/{id}`.
    route: str
    repo: Repo | None = None
    ids: Mapping[str, int | str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    #: May hold secrets.
    body: Any = field(default=None, repr=False)
    accept: str = ACCEPT
    #: Where GitHub said that it goes on, instead of the route.
    at: str | None = None
    #: After this it is too late to begin; tokens and repeats may have taken a while.
    begin_by: datetime | None = None

    @property
    def path(self) -> str:
        path = self.route
        if self.repo is not None:
            path = path.replace("/repos/{repo}", _repo_path(self.repo))
        return path.format(**{name: _segment(id_) for name, id_ in self.ids.items()})


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    #: The address of the next page, if this is one of several.
    next: str | None
    at: datetime


class NotSent(Exception):
    """GitHub could not be reached: surely nothing has happened there."""


class NoAnswer(Exception):
    """The call may have reached GitHub; its answer did not reach us."""


class Exchange(Protocol):
    """Makes one call with a credential."""

    async def send(
        self, call: Call, credential: Credential, etag: str | None = None
    ) -> Answer: ...


@dataclass(frozen=True)
class Wire:
    session: aiohttp.ClientSession
    api_url: str
    graphql_url: str
    timeouts: Timeouts
    clock: Clock
    on_call: OnCall | None = None

    async def send(
        self, call: Call, credential: Credential, etag: str | None = None
    ) -> Answer:
        """Make the call, once.

        Raises:
            NotSent: It is too late to begin, or no connection came about.
            NoAnswer: It was made, and the answer is missing or incomplete.
        """
        if call.begin_by and self.clock() > call.begin_by:
            raise NotSent("it is too late to begin")
        begun = time.monotonic()
        status = 0
        try:
            answer = await self._exchange(call, _headers(call, credential, etag))
            status = answer.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotSent(f"no connection to GitHub: {why(error)}") from error
        except TimeoutError as error:
            raise NoAnswer("GitHub did not answer in time") from error
        except aiohttp.ClientError as error:
            raise NoAnswer(f"the connection to GitHub broke: {error}") from error
        finally:
            if self.on_call:
                self.on_call(call.method, call.route, status, time.monotonic() - begun)
        return answer

    def url(self, call: Call) -> URL:
        """The call's address. GitHub may send us elsewhere, but to no other host."""
        if call.route == "/graphql":
            return URL(self.graphql_url)
        url = URL(self.api_url.rstrip("/") + call.path, encoded=True)
        if call.at is None:
            return url.with_query(call.query) if call.query else url
        elsewhere = url.join(URL(call.at))
        if elsewhere.origin() != url.origin():
            raise NotSent(f"GitHub names an address at another host: {elsewhere.host}")
        return elsewhere

    async def _exchange(self, call: Call, headers: dict[str, str]) -> Answer:
        reads = call.method == "GET"
        async with self.session.request(
            call.method,
            self.url(call),
            data=None if call.body is None else orjson.dumps(call.body),
            headers=headers,
            allow_redirects=reads,
            timeout=self._timeout(call),
        ) as response:
            body = await response.read()
            following = response.links.get("next")
            return Answer(
                response.status,
                CIMultiDict(response.headers),
                body,
                str(following["url"]) if following else None,
                self.clock(),
            )

    def _timeout(self, call: Call) -> aiohttp.ClientTimeout:
        reads = call.method == "GET" or call.route == "/graphql"
        total = self.timeouts.read if reads else self.timeouts.write
        connect = min(self.timeouts.connect, total)
        return aiohttp.ClientTimeout(total=total, connect=connect)


def _headers(call: Call, credential: Credential, etag: str | None) -> dict[str, str]:
    headers = {
        "Accept": call.accept,
        "User-Agent": USER_AGENT,
        "X-GitHub-Api-Version": API_VERSION,
    }
    if credential.header:
        headers["Authorization"] = credential.header
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    if etag:
        headers["If-None-Match"] = etag
    return headers


def _segment(id_: int | str) -> str:
    if id_ in {"", ".", ".."}:
        raise ValueError(f"GitHub has nothing that is called {id_!r}")
    return quote(str(id_), safe="")


def _repo_path(repo: Repo) -> str:
    if isinstance(repo, int):
        return f"/repositories/{repo}"
    owner, slash, name = repo.partition("/")
    if not slash or {owner, name} & {"", ".", ".."}:
        raise ValueError(f"a repository is named owner/name, not {repo!r}")
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"
