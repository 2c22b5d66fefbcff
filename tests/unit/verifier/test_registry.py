"""Whom GitHub knows, what they may do, and who is in a team."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from shared.contracts import Person
from shared.github import (
    Account,
    Collaboration,
    GitHubClient,
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnavailable,
)
from shared.testing import T0
from verifier.domain.found import Named, People, Standing
from verifier.github import GitHubReader
from verifier.github.registry import _MEMBERS
from verifier.ports import NoAnswerError

from .examples import ANN, REPOSITORY

BOB = Person(id=2, login="bob")


class FakeClient:
    """Knows some people and teams, and counts how often it is asked."""

    def __init__(self, trouble: GitHubError | None = None) -> None:
        self.trouble = trouble
        self.asked: list[str] = []
        self.people = {"ann": (1, "write"), "bob": (2, "none"), "carol": (3, "owner")}
        self.teams: dict[str, list[Account] | GitHubError] = {
            "octo/ops": [
                Account(id=1, login="ann"),
                Account(id=None, login="ghost"),
                Account(id=2, login="bob"),
            ],
            "octo/hidden": GitHubForbidden("Must have admin rights", "members=read"),
        }

    async def get_collaboration(self, repo: str, login: str) -> Collaboration:
        assert repo == REPOSITORY.full_name
        self.asked.append(login)
        if self.trouble:
            raise self.trouble
        if login.casefold() not in self.people:
            raise GitHubNotFound("Not Found")
        id_, permission = self.people[login.casefold()]
        user = Account(id=id_, login=login.casefold())
        return Collaboration(permission=permission, user=user)

    async def list_team_members(
        self, org: str, team: str, *, repo: str
    ) -> AsyncIterator[Account]:
        self.asked.append(f"{org}/{team}")
        told = self.teams.get(f"{org}/{team}", GitHubNotFound("Not Found"))
        if isinstance(told, GitHubError):
            raise told
        for account in told:
            yield account


async def people(
    client: FakeClient, *logins: str, teams: tuple[str, ...] = ()
) -> People:
    reader = GitHubReader(cast("GitHubClient", client))
    return await reader.people(REPOSITORY, Named(frozenset(logins), frozenset(teams)))


async def test_people_by_whatever_case_they_are_named() -> None:
    told = await people(FakeClient(), "Ann", "nobody")
    assert told.standing("ANN") == Standing(ANN, "write")
    assert told.standings == {"ann": Standing(ANN, "write"), "nobody": None}


async def test_who_has_left_may_do_nothing() -> None:
    told = await people(FakeClient(), "bob", "carol")
    assert told.standing("bob") == Standing(BOB, "none")
    assert told.standing("carol") == Standing(Person(id=3, login="carol"), "none")


async def test_a_teams_members() -> None:
    told = await people(FakeClient(), teams=("@octo/ops",))
    assert told.members("@Octo/Ops") == (ANN, BOB)


async def test_a_team_that_github_hides_is_no_team() -> None:
    told = await people(FakeClient(), teams=("@octo/hidden", "@octo/none"))
    assert told.teams == {"@octo/hidden": None, "@octo/none": None}


async def test_a_team_without_end_is_read_so_far() -> None:
    client = FakeClient()
    client.teams["octo/all"] = [
        Account(id=n, login=f"a{n}") for n in range(1, _MEMBERS + 10)
    ]
    told = await people(client, teams=("@octo/all",))
    assert len(told.members("@octo/all") or ()) == _MEMBERS


@pytest.mark.parametrize("name", ["", "a/b", "..", "ann?x", "@octo/ops"])
async def test_what_can_be_no_login_is_not_asked_for(name: str) -> None:
    client = FakeClient()
    assert await people(client, name) == People({name: None})
    assert client.asked == []


@pytest.mark.parametrize("name", ["octo/ops", "@octo", "@octo/..", "@/ops", "@a/b/c"])
async def test_what_can_be_no_team_is_not_asked_for(name: str) -> None:
    client = FakeClient()
    assert await people(client, teams=(name,)) == People({}, {name: None})
    assert client.asked == []


async def test_nobody_named_is_no_question() -> None:
    client = FakeClient()
    assert await people(client) == People()
    assert client.asked == []


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        (GitHubUnavailable("no connection"), "is GitHub up"),
        (GitHubRateLimited(T0), "then it goes on"),
        (GitHubForbidden("No", "metadata=read"), "needs metadata=read"),
    ],
)
async def test_without_an_answer_nothing_is_assumed(
    trouble: GitHubError, message: str
) -> None:
    with pytest.raises(NoAnswerError, match=message):
        await people(FakeClient(trouble), "ann")
