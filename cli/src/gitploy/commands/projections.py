"""`gitploy projections`: what is derived from the events, made again."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from gitploy.failing import CommandError, told
from gitploy.local.system import Data, find

app = typer.Typer(help="The tables that are derived from events.", no_args_is_help=True)


class Service(StrEnum):
    """Those that have such tables."""

    GATEWAY = "api-gateway"


@app.callback()
def callback() -> None:
    """Keep `rebuild` a command of its own."""


@app.command()
def rebuild(
    *,
    service: Annotated[Service, typer.Option(help="Whose tables.")] = Service.GATEWAY,
    data: Data = None,
) -> None:
    """Make the rows again from the log; the system may run meanwhile."""
    with told():
        position = asyncio.run(_rebuild(find(data).database_url))
    typer.echo(f"{service}: made again from the log's {position} entries.")


async def _rebuild(database_url: str) -> int:
    from shared.store import DatabaseUnavailableError  # noqa: PLC0415 - takes a moment
    from standalone.rebuild import rebuild_gateway  # noqa: PLC0415

    try:
        return await rebuild_gateway(database_url)
    except DatabaseUnavailableError as error:
        raise CommandError(f"The database: {error}. Is it running?") from error
