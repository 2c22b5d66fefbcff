"""`gitploy dead-letters`: what no service could handle; sending it back or dropping it.

A letter that is dropped is recorded first, whole, beside the gateway's events: the
audit is there.
"""

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gitploy.failing import CommandError, told
from gitploy.local.system import Data, System, find
from gitploy.operating import (
    Json,
    Reason,
    Service,
    Yes,
    at_bus,
    given,
    meant,
    outbox_of,
    who,
)
from gitploy.text import printable, shown

if TYPE_CHECKING:
    from shared.messaging import DeadLetter

app = typer.Typer(help="Messages that nobody could handle.", no_args_is_help=True)

MessageId = Annotated[str, typer.Argument(help="As `list` shows it.")]
Of = Annotated[
    Service | None,
    typer.Option("--service", help="Where several could not handle it: which."),
]


@app.command("list")
def list_(*, data: Data = None, as_json: Json = False) -> None:
    """Show them, oldest first, each with what went wrong."""
    with told():
        letters = asyncio.run(_all(find(data)))
    if as_json:
        typer.echo(shown([_summary(letter) for letter in letters]))
        return
    for each in letters:
        typer.echo(f"{each.at:%Y-%m-%d %H:%M:%S}  {printable(each.id)}  {each.service}")
        typer.echo(printable(f"    {each.kind} of {each.subject}: {each.reason}"))
    if not letters:
        typer.echo("There are none.")


@app.command()
def show(message_id: MessageId, *, service: Of = None, data: Data = None) -> None:
    """Show one with all that it says, as JSON."""
    with told():
        letters = asyncio.run(_named(find(data), message_id, service))
    for letter in letters:
        typer.echo(shown(_document(letter)))


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
            raise _none_such(message_id)
    typer.echo(f"{revived} sent back.")


@app.command()
def drop(
    message_id: MessageId,
    *,
    reason: Reason,
    service: Of = None,
    data: Data = None,
    yes: Yes = False,
) -> None:
    """Destroy one for good, so that it is never handled.

    What it said is kept with the reason: `gitploy actions` shows it.
    """
    with told():
        system, why = find(data), given(reason)
        for letter in asyncio.run(_named(system, message_id, service)):
            meant(
                printable(
                    f"{letter.service} will never handle {letter.kind} of "
                    f"{letter.subject}. Drop it?"
                ),
                yes=yes,
            )
            asyncio.run(_drop(system, letter, why))
            typer.echo(f"Dropped: {letter.service} will not get it.")


async def _all(system: System) -> "list[DeadLetter]":
    letters: list[DeadLetter] = await at_bus(
        system, lambda file: file.dead_letters(), lambda bus: bus.dead_letters()
    )
    return letters


async def _named(
    system: System, message_id: str, service: Service | None
) -> "list[DeadLetter]":
    found = [
        letter
        for letter in await _all(system)
        if letter.id == message_id and service in (None, letter.service)
    ]
    if not found:
        raise _none_such(message_id)
    return found


async def _revive(system: System, message_id: str | None) -> int:
    revived: int = await at_bus(
        system,
        lambda file: file.revive(message_id),
        lambda bus: bus.revive(message_id),
    )
    return revived


async def _drop(system: System, letter: "DeadLetter", reason: str) -> None:
    from shared.store import Action, Actions  # noqa: PLC0415 - takes a moment

    action = Action(
        at=datetime.now(UTC),
        who=who(),
        action="dead-letters drop",
        subject=letter.id,
        reason=reason,
        details=json.dumps(_document(letter), default=str),
    )
    # Whosever it was: the audit is the gateway's.
    async with outbox_of(system, Service.GATEWAY) as outbox:
        await Actions(outbox.store).record(action)
    await at_bus(
        system,
        lambda file: file.drop(letter.id, letter.service),
        lambda bus: bus.drop(letter.id, letter.service),
    )


def _none_such(message_id: str) -> CommandError:
    return CommandError(
        f"There is no dead letter {printable(message_id)}: "
        "`gitploy dead-letters list` shows them."
    )


def _summary(letter: "DeadLetter") -> dict[str, str]:
    return {
        "id": letter.id,
        "service": letter.service,
        "kind": letter.kind,
        "subject": letter.subject,
        "reason": letter.reason,
        "at": letter.at.isoformat(),
    }


def _document(letter: "DeadLetter") -> dict[str, Any]:
    try:
        body = json.loads(letter.body)
    except ValueError:
        body = letter.body.decode(errors="backslashreplace")
    return {**_summary(letter), "headers": dict(letter.headers), "body": body}
