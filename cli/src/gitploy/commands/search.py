"""`gitploy search` and `reviews`: over all repositories that you may see."""

from typing import Annotated

import typer

from gitploy.asking import Asked
from gitploy.listing import All, Page, PerPage, show_list
from gitploy.showing import found
from gitploy.showing import reviews as table
from gitploy.times import since as before


async def search(
    ask: Asked,
    *,
    ref: Annotated[
        str | None, typer.Option(help="As somebody asked for it: a branch, a tag, ….")
    ] = None,
    sha: Annotated[
        str | None, typer.Option(help="A commit, by its first 4 digits or more.")
    ] = None,
    who: Annotated[str | None, typer.Option(help="Whose: a login.")] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(help="waiting, running, success, failure, …; may be repeated."),
    ] = None,
    production: Annotated[
        bool, typer.Option("--production", help="In production environments only.")
    ] = False,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Since 2h30m, 7d, or 2030-11-22T18:00.")
    ] = "30d",
    page: Page = 1,
    per_page: PerPage = 30,
    every: All = False,
) -> None:
    """Find deployments in all repositories, the newest first."""
    wanted = {
        "ref": ref,
        "sha": sha,
        "who": who,
        "statuses": ",".join(status or ()),
        "production_only": production,
        "owned": "false",
        "from": before(since),
    }
    path = "/search/deployments"
    await show_list(ask, path, wanted, found, page=page, per_page=per_page, every=every)


async def reviews(ask: Asked) -> None:
    """Show what waits for your review, in all repositories."""
    told = await ask.client.get("/search/reviews")
    ask.out.answer(told, lambda: table(told))
