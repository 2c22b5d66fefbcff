"""What the gateway itself can tell: about itself, and about a repository."""

from collections.abc import AsyncIterator
from typing import Any, Final

import aiohttp

from gitploy.client import Client
from gitploy.doctoring.finding import Finding, State, bad, doubtful, good
from gitploy.failing import ABSENT, UNREACHED, CommandError
from gitploy.paths import of_repository as path_of
from gitploy.refusals import Refused
from gitploy.showing import Document, who
from gitploy.text import ago

#: Phases that the deployment tool's word leads to.
ANSWERED: Final = frozenset({"queued", "running", "success", "failure", "error"})
#: So many of the newest deployments are looked through for its word.
NEWEST: Final = 100
WITHIN: Final = aiohttp.ClientTimeout(total=10)


async def of_gateway(client: Client) -> AsyncIterator[Finding]:
    """Whether it runs, lacks nothing, and knows who we are; ends with what is bad."""
    readiness = await _readiness(client)
    yield readiness
    try:
        user = await client.get("/user")
    except CommandError as error:
        if readiness.state is State.BAD and error.code == UNREACHED:
            return
        yield bad("token", str(error), "`gitploy login` takes another one.")
        return
    admin = ", an administrator" if user["admin"] else ""
    yield good("token", f"You are {user['login']}{admin}.")


async def _readiness(client: Client) -> Finding:
    url = f"{client.url}/readyz"
    try:
        async with client.session.get(url, timeout=WITHIN) as answer:
            told = await answer.json(content_type=None)
            missing, degraded = told["missing"], told["degraded"]
    except (aiohttp.ClientError, TimeoutError) as error:
        return bad(
            "gateway",
            f"{client.url} gives no answer: {error}.",
            "See whether it runs, and whether this is its address (--host).",
        )
    except (ValueError, TypeError, LookupError):
        return doubtful(
            "gateway",
            f"{url} says nothing about its health (HTTP {answer.status}).",
            "A proxy before it may keep /readyz to itself: look there from inside.",
        )
    lacking = {**missing, **degraded}
    if lacking:
        what = "; ".join(f"{name} {why}" for name, why in lacking.items())
        return bad("gateway", f"It lacks something: {what}.", "Its log says why.")
    return good("gateway", f"{client.url} runs, and lacks nothing.")


async def of_repository(client: Client, name: str) -> AsyncIterator[Finding]:
    """Whether it is followed, what we may do there, its rules, and its tool."""
    try:
        told = await client.get(path_of(name))
    except CommandError as error:
        do = f"`gitploy repo activate {name}`, or ask GitHub's admin for permission."
        yield bad("repository", str(error), do if error.code == ABSENT else "")
        return
    yield _activation(name, told)
    if permission := await _permission(client, name):
        yield permission
    yield await _rules(client, name)
    yield await _tool(client, name)


def _activation(name: str, told: Document) -> Finding:
    command = told.get("command") or {}
    again = f"`gitploy repo activate {name}`"
    if command.get("state") == "refused":
        said = f"The last command was refused: {command['message']}"
        return bad("repository", said, f"Then {again} again.")
    if command.get("state") in {"pending", "unanswered"}:
        said = f"The last command is {command['state']}."
        do = "See the github-dispatcher's /readyz and log."
        return doubtful("repository", said, do)
    if not told["active"]:
        return bad("repository", f"{name} is not active.", f"{again}.")
    return good("repository", f"{name} is active.")


async def _permission(client: Client, name: str) -> Finding | None:
    """Ours there; nothing where permissions are not kept."""
    user = await client.get("/user")
    perms = await client.get(path_of(name, "perms"), or_else=[], q=user["login"])
    mine = next((each for each in perms if who(each) == user["login"]), None)
    if mine is None:
        return None
    may = mine["repo_perm"]
    if may == "read":
        return doubtful(
            "permission",
            f"You may only read {name}.",
            "Whoever deploys needs write at GitHub.",
        )
    return good("permission", f"You have the permission {may}, as GitHub says.")


async def _rules(client: Client, name: str) -> Finding:
    try:
        told = await client.get(path_of(name, "config"))
    except Refused as refused:
        problems = refused.body.get("problems") or ()
        first = f" The first: line {problems[0]['line']}." if problems else ""
        said = f"{refused}{first}"
        return bad("deploy.yml", said, "`gitploy config validate` lists all mistakes.")
    except CommandError as error:
        return bad("deploy.yml", str(error), "Try again.")
    where = told["config_path"]
    if not told["envs"]:
        do = "Add one: docs/deploy-yml.md."
        return bad("deploy.yml", f"{where} has no environment.", do)
    if warnings := told.get("warnings"):
        said = f"{where}:{warnings[0]['line']}: {warnings[0]['message']}"
        return doubtful("deploy.yml", said, "`gitploy config get` tells all warnings.")
    names = ", ".join(env["name"] for env in told["envs"])
    return good("deploy.yml", f"{where} is valid: {names}.")


async def _tool(client: Client, name: str) -> Finding:
    path = path_of(name, "deployments")
    made = [d for d in await client.get(path, per_page=NEWEST) if _is_at_github(d)]
    answered = next((d for d in made if d["phase"] in ANSWERED), None)
    if answered:
        when = ago(answered["updated_at"])
        return good("tool", f"It answered last {when}, about #{answered['number']}.")
    if made:
        return bad(
            "tool",
            f"It never answered, in {len(made)} deployments.",
            "See whether it runs, and gets GitHub's webhook `deployment`.",
        )
    do = "`gitploy deploy` somewhere harmless shows whether a tool answers."
    return doubtful("tool", "GitHub has no deployment of Gitploy's yet.", do)


def _is_at_github(deployment: dict[str, Any]) -> bool:
    return bool(deployment["uid"]) and not deployment["foreign"]
