"""`gitploy projections`: what is derived from the events, made again."""

import asyncio

import typer

from gitploy.failing import CommandError, told
from gitploy.local.system import Data, find

app = typer.Typer(help="The tables that are derived from events.", no_args_is_help=True)


@app.callback()
def callback() -> None:
    """Keep `rebuild` a command of its own."""


@app.command()
def rebuild(*, data: Data = None) -> None:
    """Make the gateway's rows again from its log; the system may run meanwhile."""
    with told():
        position = asyncio.run(_rebuild(find(data).database_url))
    typer.echo(f"api-gateway: made again from the log's {position} entries.")


async def _rebuild(database_url: str) -> int:
    from shared.store import DatabaseUnavailableError  # noqa: PLC0415 - takes a moment
    from standalone.rebuild import rebuild_gateway  # noqa: PLC0415

    try:
        return await rebuild_gateway(database_url)
    except DatabaseUnavailableError as error:
        raise CommandError(f"The database: {error}. Is it running?") from error
