"""What people may do, and who is in a team, as the settings say."""

import pytest

from .world import REPO, World

TEAM = "/orgs/octo/teams/deployers/members"


@pytest.mark.parametrize(
    ("login", "permission", "push"),
    [
        ("reader", "read", False),
        ("Deployer", "write", True),
        ("admin", "admin", True),
        ("mona", "admin", True),
        ("octo", "admin", True),
    ],
)
async def test_what_somebody_may_do(
    world: World, login: str, permission: str, push: bool
) -> None:
    told = (await world.call("GET", f"{REPO}/collaborators/{login}/permission")).json
    assert told["permission"] == told["role_name"] == permission
    assert told["user"]["permissions"]["push"] is push
    known = (await world.call("GET", f"/users/{login}")).json
    assert (told["user"]["id"], told["user"]["login"]) == (known["id"], known["login"])


async def test_nobody_is_called_so(world: World) -> None:
    for path in (f"{REPO}/collaborators/nobody/permission", "/users/nobody"):
        assert (await world.call("GET", path)).status == 404


async def test_a_teams_members_come_in_pages(world: World) -> None:
    first = await world.call("GET", f"{TEAM}?per_page=1")
    assert [user["login"] for user in first.json] == ["admin"]
    assert 'rel="next"' in first.headers["link"]
    second = await world.call("GET", f"{TEAM}?per_page=1&page=2")
    assert [user["login"] for user in second.json] == ["deployer"]


async def test_other_teams_and_organizations_are_hidden(world: World) -> None:
    for path in ("/orgs/octo/teams/nope/members", "/orgs/acme/teams/deployers/members"):
        assert (await world.call("GET", path)).status == 404
