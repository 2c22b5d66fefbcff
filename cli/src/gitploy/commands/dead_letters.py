"""`gitploy dead-letters`: what no service could handle, and sending it back."""

import asyncio
import json
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gitploy.failing import CommandError, told
from gitploy.system import Data, System, find

if TYPE_CHECKING:
    from shared.messaging import DeadLetter

app = typer.Typer(help="Messages that nobody could handle.", no_args_is_help=True)


@app.command("list")
def list_(
    *,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show them, oldest first, each with what went wrong."""
    with told():
        letters = asyncio.run(_list(find(data)))
    if as_json:
        typer.echo(json.dumps([_document(letter) for letter in letters], indent=2))
        return
    for each in letters:
        typer.echo(f"{each.at:%Y-%m-%d %H:%M:%S}  {each.id}  {each.service}")
        typer.echo(f"    {each.kind} of {each.subject}: {each.reason}")
    if not letters:
        typer.echo("There are none.")


@app.command()
def retry(
    message_id: Annotated[
        str | None, typer.Argument(help="As `list` shows it; else all of them.")
    ] = None,
    *,
    data: Data = None,
) -> None:
    """Send one, or all, back to the service that could not handle it."""
    with told():
        revived = asyncio.run(_revive(find(data), message_id))
        if message_id and not revived:
            raise CommandError(
                f"There is no dead letter {message_id}: "
                "`gitploy dead-letters list` shows them."
            )
    typer.echo(f"{revived} sent back.")


async def _list(system: System) -> "list[DeadLetter]":
    from shared.messaging import MemoryFile  # noqa: PLC0415 - takes a moment

    if system.directory is None:
        letters: list[DeadLetter] = await _ask_broker(system, "dead_letters")
        return letters
    with closing(MemoryFile(system.directory / "bus.sqlite")) as file:
        return file.dead_letters()


async def _revive(system: System, message_id: str | None) -> int:
    from shared.messaging import MemoryFile  # noqa: PLC0415 - takes a moment

    if system.directory is None:
        revived: int = await _ask_broker(system, "revive", message_id)
        return revived
    with closing(MemoryFile(system.directory / "bus.sqlite")) as file:
        return file.revive(message_id)


async def _ask_broker(system: System, method: str, *arguments: str | None) -> Any:
    from shared.messaging import BusUnavailableError, RabbitBus  # noqa: PLC0415

    bus = RabbitBus(system.amqp_url, name="gitploy dead-letters")
    try:
        return await getattr(bus, method)(*arguments)
    except BusUnavailableError as error:
        raise CommandError(f"{error}. Is the system running?") from error
    finally:
        await bus.close()


def _document(letter: "DeadLetter") -> dict[str, str]:
    return {
        "id": letter.id,
        "service": letter.service,
        "kind": letter.kind,
        "subject": letter.subject,
        "reason": letter.reason,
        "at": letter.at.isoformat(),
    }
