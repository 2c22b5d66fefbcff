"""GitHub as it knows people: a fake, with a gateway where they have signed in."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from cryptography.fernet import Fernet

from api_gateway.accounts import (
    CodeRefusedError,
    GitHubPeople,
    Grant,
    Membership,
    Profile,
    Seen,
)
from api_gateway.bootstrap import build
from api_gateway.domain.access import Permission
from api_gateway.ports import (
    GitHubAwayError,
    PersonLimitedError,
    TokenRefusedError,
    TokenTooWeakError,
)
from api_gateway.settings import Settings
from shared.contracts import Person, Repository
from shared.messaging import MemoryBus
from shared.service import Service
from shared.testing import FakeClock

from .configured import settings_of
from .others import REPO, TOKEN, FakeGitHub, Others
from .waiting import ANN, BOB, CARL

READER = Person(id=101, login="rita")
WRITER = Person(id=102, login="willy")
ADMIN = Person(id=103, login="ada")
OPERATOR = Person(id=104, login="olga")
STRANGER = Person(id=105, login="stan")
#: Those who have tokens of the settings.
STATIC = (ANN, BOB, CARL)
OTHER = Repository(id=8, full_name="octo/other")
SHOP = "/repos/octo/shop"
KEY = Fernet.generate_key().decode()
URL = "https://gitploy.example"


@dataclass
class FakePeople(GitHubPeople):
    """What GitHub would say; tokens are `t-` and the login."""

    clock: FakeClock
    may: dict[tuple[int, int], Permission] = field(default_factory=dict)
    repositories_: dict[int, Repository] = field(
        default_factory=lambda: {r.id: r for r in (REPO, OTHER)}
    )
    logins: dict[str, int] = field(
        default_factory=lambda: {
            p.login: p.id for p in (READER, WRITER, ADMIN, OPERATOR, STRANGER, *STATIC)
        }
    )
    members: dict[str, Sequence[str]] = field(default_factory=dict)
    away: bool = False
    #: Whom GitHub answers no more for a while, and until when.
    limited: dict[str, datetime] = field(default_factory=dict)
    #: Repositories of which GitHub can't tell now.
    broken: set[int] = field(default_factory=set)
    #: Those that nobody has to do with, like public ones.
    unlisted: set[int] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    #: Questions that GitHub does not let anybody's token ask, and what it says.
    forbidden: dict[str, str] = field(default_factory=dict)
    #: How long tokens last; none: for ever.
    life: Any = None
    refreshes: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for who, may in (
            (READER, Permission.READ),
            (WRITER, Permission.WRITE),
            (ADMIN, Permission.ADMIN),
        ):
            self.may[who.id, REPO.id] = may
        self.may[ADMIN.id, OTHER.id] = Permission.ADMIN

    def sign_in_url(self, state: str, verifier: str, redirect_uri: str) -> str:
        return f"https://github.example/?state={state}&to={redirect_uri}"

    async def trade(self, code: str, verifier: str, redirect_uri: str) -> Grant:
        self._check("trade")
        if code == "wrong":
            raise CodeRefusedError("The code passed is incorrect or expired.")
        return self._grant(code)

    async def refresh(self, refresh: str) -> Grant:
        self.refreshes.append(refresh)
        if self.away:
            raise GitHubAwayError("GitHub answers 502")
        if refresh in self.refused:
            raise CodeRefusedError("bad_refresh_token")
        self.refused.add(refresh)
        return self._grant(refresh.removeprefix("r-").partition(".")[0])

    async def profile(self, token: str) -> Profile:
        who = self._check("profile", token)
        return Profile(who.id, who.login, f"https://avatars.example/{who.id}")

    async def organizations(self, token: str) -> Sequence[str]:
        return self.members.get(self._check("organizations", token).login, [])

    async def repositories(self, token: str) -> Sequence[Seen]:
        who = self._check("repositories", token)
        seen = (self._seen(who, r) for r in self.repositories_.values())
        hidden = Permission.NONE
        listed = (one for one in seen if one.id not in self.unlisted)
        return [one for one in listed if one.permission is not hidden]

    async def repository(self, token: str, repo: int | str) -> Seen | None:
        who = self._check(f"repository {repo}", token)
        found = self._answered(repo)
        return self._seen(who, found) if found else None

    async def collaboration(
        self, repo: int | str, login: str
    ) -> tuple[Profile, Seen] | None:
        self._check(f"collaboration {repo} {login}")
        who, found = self._named(login), self._answered(repo)
        if found is None:
            return None
        return Profile(who.id, who.login), self._seen(who, found)

    def _check(self, what: str, token: str | None = None) -> Person:
        self.asked.append(what)
        if self.away:
            raise GitHubAwayError("GitHub answers 502")
        if token in self.refused:
            raise TokenRefusedError(own=False)
        who = self._named((token or "t-gitploy").removeprefix("t-").partition(".")[0])
        if (until := self.limited.get(who.login)) and until > self.clock():
            raise PersonLimitedError(until)
        if text := self.forbidden.get(what):
            raise TokenTooWeakError(text)
        return who

    def rename(self, before: Person, after: Person) -> None:
        """Somebody else has that login from now on."""
        self.logins[before.login] = after.id

    def _named(self, login: str) -> Person:
        return Person(id=self.logins.get(login, 1), login=login)

    def _answered(self, repo: int | str) -> Repository | None:
        found = self._found(repo)
        if found and found.id in self.broken:
            raise GitHubAwayError("GitHub answers 500")
        return found

    def _found(self, repo: int | str) -> Repository | None:
        known = self.repositories_.values()
        wanted = str(repo).lower()
        found = (r for r in known if wanted in {str(r.id), r.full_name.lower()})
        return next(found, None)

    def _seen(self, who: Person, found: Repository) -> Seen:
        may = self.may.get((who.id, found.id), Permission.NONE)
        return Seen(found.id, found.full_name, may, "A shop")

    def _grant(self, login: str) -> Grant:
        if self.life is None:
            return Grant(f"t-{login}")
        nth = len(self.refreshes)
        until = self.clock() + self.life
        return Grant(f"t-{login}.{nth}", f"r-{login}.{nth}", until)


@dataclass
class Town:
    """A gateway that people sign in to."""

    api: TestClient[Any, Any]
    service: Service
    people: FakePeople
    github: FakeGitHub
    clock: FakeClock
    bus: MemoryBus
    settings: Settings

    async def sign_in(self, who: Person | str, **query: str) -> str:
        """A session, as the cookie has it."""
        login = who if isinstance(who, str) else who.login
        answer = await self.come_back(login, **query)
        assert answer.status == 302, await answer.text()
        secret = str(answer.cookies["__sess__"].value)
        # GitHub is asked beside the answer for all that they may see.
        await self.get("/repos", secret)
        return secret

    async def come_back(self, code: str, **query: str) -> Any:
        """Go to GitHub and come back with a code."""
        begun = await self.api.get("/signin", params=query, allow_redirects=False)
        state = begun.headers["Location"].partition("state=")[2].partition("&")[0]
        return await self.api.get(
            "/signin",
            params={"code": code, "state": state},
            cookies=begun_in(begun),
            allow_redirects=False,
        )

    async def get(self, path: str, secret: str) -> Any:
        return await self.api.get(f"/api/v1{path}", headers=bearer(secret))

    async def token(self, secret: str, **body: Any) -> str:
        """A personal API token."""
        sent = {"name": "test", "scope": "admin"} | body
        answer = await self.api.post(
            "/api/v1/user/tokens", json=sent, headers=bearer(secret)
        )
        assert answer.status == 201, await answer.text()
        return str((await answer.json())["token"])


def begun_in(answer: Any) -> dict[str, str]:
    """The cookie that remembers a sign-in that has begun."""
    cookies = answer.cookies.items()
    return {name: told.value for name, told in cookies if name.startswith("__signin__")}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def signing_in(database_url: str, **more: Any) -> Settings:
    told = {
        "github_client_id": "Iv1.test",
        "github_client_secret": "secret",
        "encryption_keys": KEY,
        "public_url": URL,
        "admin_users": OPERATOR.login,
    }
    return settings_of(database_url, **(told | more))


@asynccontextmanager
async def town_of(
    settings: Settings,
    people: FakePeople | None = None,
    clock: FakeClock | None = None,
    browsing: Any = None,
) -> AsyncIterator[Town]:
    clock = clock or FakeClock()
    people = people or FakePeople(clock)
    bus, github = MemoryBus(queues=["api-gateway"], clock=clock), FakeGitHub()
    service = build(
        settings,
        bus=bus,
        github=github,
        browsing=browsing,
        people=people,
        clock=clock,
    )
    async with TestClient(TestServer(service.app())) as api:
        # Each test says who asks.
        api.session.cookie_jar.clear()
        yield Town(api, service, people, github, clock, bus, settings)
    service.store.close()


def folder(path: Path) -> str:
    return f"sqlite:///{path}/"


@asynccontextmanager
async def active(path: Path, browsing: Any = None, **more: Any) -> AsyncIterator[Town]:
    """A gateway that follows octo/shop, and the other services around it."""
    settings = signing_in(folder(path), **more)
    async with town_of(settings, browsing=browsing) as town:
        others = asyncio.create_task(Others(town.bus, town.clock).run())
        answer = await town.api.patch(
            "/api/v1/repos/octo/shop", json={"active": True}, headers=bearer(TOKEN)
        )
        assert answer.status == 200
        yield town
        others.cancel()
        await asyncio.wait([others])


def syncing(town: Town) -> Any:
    """The loop that looks after everybody."""
    loops = [getattr(task, "__self__", None) for task in town.service.tasks]
    return next(one for one in loops if type(one).__name__ == "Syncing")


def membership(town: Town) -> Membership:
    """What the gateway knows of people."""
    prepared = [getattr(one, "__self__", None) for one in town.service.preparing]
    return next(one for one in prepared if isinstance(one, Membership))


def take_away(town: Town) -> None:
    town.people.may[READER.id, REPO.id] = Permission.NONE


async def who(town: Town, secret: str) -> Any:
    answer = await town.get("/user", secret)
    return await answer.json() if answer.status == 200 else answer.status


async def status(town: Town, secret: str, path: str = SHOP) -> int:
    """What somebody is answered who looks at something."""
    return int((await town.get(path, secret)).status)


async def names(town: Town, secret: str) -> list[str]:
    """The repositories that somebody sees."""
    answer = await town.get("/repos", secret)
    assert answer.status == 200, await answer.text()
    return [f"{one['namespace']}/{one['name']}" for one in await answer.json()]
