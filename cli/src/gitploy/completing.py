"""What the shell offers when Tab is pressed: names that the gateway knows.

Nothing may disturb the line that is typed, so whatever goes wrong offers nothing.
"""

import asyncio
import os
from typing import Any, Final

from gitploy.failing import CommandError
from gitploy.paths import of_repository
from gitploy.reaching import HOST_VARIABLES, TOKEN_VARIABLES, reach
from gitploy.remotes import NAME, repository_of

#: Somebody waits with a finger on the key.
WITHIN_S: Final = 1.5
#: Arguments that name one.
ENVIRONMENTS: Final = frozenset({"environment", "source", "target"})


def repositories(ctx: Any, incomplete: str) -> list[str]:
    """Repositories that begin so; and what may stand first where they are left out."""
    known = _names(None)
    if ENVIRONMENTS & {each.name for each in ctx.command.params}:
        known += _names(_told(ctx))
    return [name for name in known if name.startswith(incomplete)]


def environments(ctx: Any, incomplete: str) -> list[str]:
    """Environments that begin so, of the repository that is named, or guessed."""
    return [name for name in _names(_told(ctx)) if name.startswith(incomplete)]


def _told(ctx: Any) -> str:
    """The repository that is named so far; nothing where it is to be guessed."""
    first = str(ctx.params.get("repository") or "")
    named = first if NAME.fullmatch(first) else ctx.params.get("repo")
    return str(named or os.environ.get("GITPLOY_REPO") or "")


def _names(repository: str | None) -> list[str]:
    try:
        return asyncio.run(_asked(repository))
    except (CommandError, TimeoutError):
        return []


async def _asked(repository: str | None) -> list[str]:
    from gitploy.client import reached  # noqa: PLC0415 - takes a moment

    api = reach(_first(HOST_VARIABLES), _first(TOKEN_VARIABLES))
    async with asyncio.timeout(WITHIN_S), reached(api.url, api.token) as client:
        if repository is None:
            known = await client.get("/repos", per_page=100)
            return [f"{each['namespace']}/{each['name']}" for each in known]
        path = of_repository(repository_of(repository), "environments")
        return [each["name"] for each in await client.get(path)]


def _first(variables: list[str]) -> str | None:
    return next((os.environ[name] for name in variables if os.environ.get(name)), None)
