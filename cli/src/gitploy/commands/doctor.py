"""`gitploy doctor`: what is wrong with an installation, and what to do."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Final

import typer

from gitploy.asking import Asked
from gitploy.completing import repositories
from gitploy.failing import FAILED, CommandError
from gitploy.output import Styled, Table
from gitploy.remotes import repository_of

if TYPE_CHECKING:
    from gitploy.doctoring import Finding

STYLES: Final = {
    "good": "green",
    "doubtful": "yellow",
    "bad": "bold red",
    "unknown": "dim",
}


async def doctor(
    ask: Asked,
    named: Annotated[
        str,
        typer.Argument(
            metavar="REPO", autocompletion=repositories, show_default=False,
            envvar="GITPLOY_REPO", show_envvar=False,
            help="OWNER/NAME. Default: the folder's git remote, if it has one.",
        ),
    ] = "",
) -> None:  # fmt: skip
    """Look at the gateway, a repository, its webhook, its rules and its tool.

    GitHub is asked, too, where the services' settings are: GITPLOY_GITHUB_TOKEN, or
    GITPLOY_GITHUB_APP_CLIENT_ID and GITPLOY_GITHUB_APP_PRIVATE_KEY; with
    GITPLOY_GITHUB_API_URL and GITPLOY_HOOKS_URL. Exit code 1: something is wrong.
    """
    found = [finding async for finding in _findings(ask, _repository(named))]
    ask.out.answer([each.document for each in found], lambda: _table(found))
    if any(each.state == "bad" for each in found):
        raise CommandError("Something is wrong: see above.", FAILED)


def _repository(named: str) -> str | None:
    """The one that is meant; outside of a git repository that may be none."""
    try:
        return repository_of(named)
    except CommandError:
        if named:
            raise
        return None


async def _findings(ask: Asked, repository: str | None) -> "AsyncIterator[Finding]":
    from gitploy.doctoring import (  # noqa: PLC0415 - takes a moment
        of_gateway,
        of_github,
        of_repository,
    )
    from gitploy.paths import of_repository as path_of  # noqa: PLC0415

    known = True
    async for finding in of_gateway(ask.client):
        known = finding.state != "bad"
        yield finding
    if not known:
        return
    webhook_id = 0
    if repository is not None:
        async for finding in of_repository(ask.client, repository):
            yield finding
        told = await ask.client.get(path_of(repository), or_else=None)
        webhook_id = told["webhook_id"] if told else 0
    async for finding in of_github(repository, webhook_id):
        yield finding


def _table(found: "list[Finding]") -> Table:
    rows = [
        (Styled(each.state, STYLES[each.state]), each.about, each.said, each.do)
        for each in found
    ]
    return Table(("", "", "Found", "Do"), rows, "Nothing was looked at.")
