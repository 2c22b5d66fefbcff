"""`gitploy repo`: which repositories Gitploy follows, and how."""

import re
from typing import Annotated, Any, Final

import typer

from gitploy.arguments import Repository
from gitploy.asking import Asked, RepositoryFirst, command
from gitploy.listing import All, Page, PerPage, show_list
from gitploy.paths import of_repository
from gitploy.rules import Ref, show_rules
from gitploy.tables import repositories
from gitploy.tables import repository as shown

app = typer.Typer(help="Repositories that Gitploy knows.", no_args_is_help=True)

#: The option with its value, among words that are joined by NUL.
SWITCH: Final = re.compile(
    r"(?<![^\0])(?:--active|-A)[=\0](?P<value>true|false)(?![^\0])"
)
#: GitHub is asked, and a webhook is made there.
WAIT_S = 60


@command(app, "list", "ls")
async def list_(
    ask: Asked,
    *,
    search: Annotated[
        str | None, typer.Option("--search", "-q", help="A part of OWNER/NAME.")
    ] = None,
    page: Page = 1,
    per_page: PerPage = 30,
    every: All = False,
) -> None:
    """Show those that you may see, each with its newest deployment."""
    wanted = {"q": search}
    await show_list(
        ask, "/repos", wanted, repositories, page=page, per_page=per_page, every=every
    )


@command(app, "get")
async def get(ask: Asked, repository: Repository) -> None:
    """Show one: whether it is followed, and what was wanted of it last."""
    told = await ask.client.get(of_repository(repository))
    ask.out.answer(told, lambda: list(shown(told)))


@command(app, "activate")
async def activate(ask: Asked, repository: Repository) -> None:
    """Follow it: its webhook at GitHub is made, or mended."""
    await _change(ask, repository, {"active": True})


@command(app, "deactivate")
async def deactivate(ask: Asked, repository: Repository) -> None:
    """Follow it no more: its webhook is removed, and what is going on is canceled."""
    await _change(ask, repository, {"active": False})


@command(app, "config")
async def config(
    ask: Asked,
    repository: Repository,
    *,
    path: Annotated[
        str | None, typer.Option("--set", help="Read the rules there from now on.")
    ] = None,
    ref: Ref = None,
) -> None:
    """Show the rules that hold, or say where they are to be read."""
    if path is None:
        await show_rules(ask, repository, ref)
    else:
        await _change(ask, repository, {"config_path": path})


@command(app, "sync")
async def sync(ask: Asked) -> None:
    """Ask GitHub anew which repositories you may see, and what you may do there."""
    with ask.out.waiting("Waiting for GitHub…"):
        told = await ask.client.post("/sync", wait_s=WAIT_S)
    ask.out.answer(told, lambda: ["Your repositories are as GitHub has them."])


class Switched(RepositoryFirst):
    """`--active=false` and `-A true`, as Gitploy's own command takes them, too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, SWITCH.sub(_switch, "\0".join(args)).split("\0"))


@command(app, "update", hidden=True, cls=Switched)
async def update(
    ask: Asked,
    repository: Repository,
    *,
    config_path: Annotated[str | None, typer.Option("--config", "-C")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", "-A")] = None,
) -> None:
    """Change what Gitploy's own command could; `activate` and `config` say more."""
    given = {"config_path": config_path, "active": active}
    body = {name: value for name, value in given.items() if value is not None}
    await _change(ask, repository, body)


def _switch(told: re.Match[str]) -> str:
    return "--active" if told["value"] == "true" else "--inactive"


async def _change(ask: Asked, repository: str, body: dict[str, Any]) -> None:
    with ask.out.waiting("Waiting for GitHub…"):
        told = await ask.client.patch(of_repository(repository), body, wait_s=WAIT_S)
    ask.out.answer(told, lambda: list(shown(told)))
