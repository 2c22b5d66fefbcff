"""`gitploy deployment`: look at what was asked for."""

from typing import Annotated, Any

import typer

from gitploy.arguments import Number, Repository
from gitploy.asking import Asked, command
from gitploy.completing import environments
from gitploy.listing import All, Page, PerPage, show_list
from gitploy.output import Table, Time
from gitploy.paths import of_repository
from gitploy.showing import commits, deployment, deployments, statuses
from gitploy.times import since

app = typer.Typer(help="Deployments: look at them, act on them.", no_args_is_help=True)
#: As Gitploy called it.
old = typer.Typer(no_args_is_help=True)

At = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="As it was known then: 2h (ago), or 2030-11-22T18:00."
    ),
]  # fmt: skip


@command(app, "list", "ls")
async def list_(
    ask: Asked,
    repository: Repository,
    *,
    env: Annotated[
        str | None,
        typer.Option(help="Of one environment.", autocompletion=environments),
    ] = None,
    status: Annotated[
        str | None,
        typer.Option(help="waiting, created, queued, running, success, failure, …"),
    ] = None,
    page: Page = 1,
    per_page: PerPage = 30,
    every: All = False,
) -> None:
    """Show them, the newest first."""
    path = of_repository(repository, "deployments")
    wanted = {"env": env, "status": status}
    await show_list(
        ask, path, wanted, deployments, page=page, per_page=per_page, every=every
    )


@command(app, "get")
async def get(
    ask: Asked, repository: Repository, number: Number, *, at: At = None
) -> None:
    """Show one: where it stands, and why."""
    path = of_repository(repository, "deployments", number)
    told = await ask.client.get(path, at=since(at))
    ask.out.answer(told, lambda: list(deployment(repository, told)))


@command(app, "changes")
async def changes(ask: Asked, repository: Repository, number: Number) -> None:
    """Show the commits that it brings, since what succeeded there before."""
    path = of_repository(repository, "deployments", number, "changes")
    told = await ask.client.all(path)
    ask.out.answer(told, lambda: commits(told))


@command(app, "events")
async def events(ask: Asked, repository: Repository, number: Number) -> None:
    """Show all that was said about it: by which service, when, of whom."""
    told = await ask.client.get(
        of_repository(repository, "deployments", number, "events")
    )
    ask.out.answer(told, lambda: _events(told))


@command(app, "statuses")
@command(old, "list", "ls")
async def statuses_(ask: Asked, repository: Repository, number: Number) -> None:
    """Show what the deployment tool has told about it, with its logs."""
    path = of_repository(repository, "deployments", number, "statuses")
    told = await ask.client.get(path)
    ask.out.answer(told, lambda: statuses(told))


def _events(told: Any) -> Table:
    return Table(
        ("At", "Service", "Event", "By"),
        [
            (
                Time(each["time"]),
                each["source"],
                each["type"].removeprefix("io.gitploy."),
                (each["who"] or {}).get("login"),
            )
            for each in told
        ],
        "Nothing was said about it.",
    )
