"""Who somebody is, what they may do in a repository, and who is in a team.

GraphQL tells neither to all kinds of tokens, so each is a question of its own to the
REST API: asked where rules name people, and free of charge while nothing changes.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from shared.contracts import Person, Repository
from shared.github import (
    Account,
    Collaboration,
    GitHubClient,
    GitHubForbidden,
    GitHubNotFound,
)
from verifier.domain.found import Named, People, Standing

#: So many questions are under way at a time: GitHub minds a hundred.
_AT_ONCE: Final = 8
#: So many members of a team are read. Who names larger ones names everybody.
_MEMBERS: Final = 3_000
#: What GitHub allows; `_` and `[bot]` are for people it has got from elsewhere.
_LOGIN: Final = re.compile(r"[A-Za-z0-9_-]{1,100}(\[bot\])?")
_TEAM: Final = re.compile(r"@([A-Za-z0-9_-]{1,100})/((?!\.+$)[A-Za-z0-9_.-]{1,100})")

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Registry:
    """What GitHub says of people to a token that may ask about this repository."""

    client: GitHubClient
    repository: Repository

    async def people(self, named: Named) -> People:
        turns = asyncio.Semaphore(_AT_ONCE)
        standings, teams = await asyncio.gather(
            _each(named.logins, self._standing, turns),
            _each(named.teams, self._members, turns),
        )
        return People(standings, teams)

    async def _standing(self, login: str) -> Standing | None:
        if not _LOGIN.fullmatch(login):
            return None
        try:
            told = await self.client.get_collaboration(self.repository.full_name, login)
        except GitHubNotFound:
            return None
        person = _person(told.user)
        return Standing(person, _permission(told)) if person else None

    async def _members(self, team: str) -> tuple[Person, ...] | None:
        match = _TEAM.fullmatch(team)
        if match is None:
            return None
        repo, members = self.repository.full_name, list[Person]()
        listed = self.client.list_team_members(*match.groups(), repo=repo)
        try:
            async for account in listed:
                if person := _person(account):
                    members.append(person)
                if len(members) == _MEMBERS:
                    break
        except (GitHubNotFound, GitHubForbidden):
            # It says either where the token may not read teams: nobody is known, then.
            return None
        return tuple(members)


async def _each(
    names: Iterable[str],
    ask: Callable[[str], Awaitable[Answer]],
    turns: asyncio.Semaphore,
) -> dict[str, Answer]:
    async def in_turn(name: str) -> tuple[str, Answer]:
        async with turns:
            return name.casefold(), await ask(name)

    return dict(await asyncio.gather(*map(in_turn, names)))


def _person(account: Account | None) -> Person | None:
    if account is None or account.id is None or not account.login:
        return None
    return Person(id=account.id, login=account.login)


def _permission(told: Collaboration) -> Literal["none", "read", "write", "admin"]:
    match told.permission:
        case "admin" | "write" | "read" as known:
            return known
    return "none"
