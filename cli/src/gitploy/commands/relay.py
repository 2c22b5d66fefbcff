"""`gitploy relay`: what services have said, said again; and what could not be said."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gitploy.failing import WRONG, CommandError, told
from gitploy.local.system import Data, System, find
from gitploy.operating import (
    Json,
    Reason,
    Service,
    Yes,
    given,
    meant,
    outbox_of,
    who,
)
from gitploy.text import printable, shown

if TYPE_CHECKING:
    from shared.store import Parked

app = typer.Typer(help="What services publish.", no_args_is_help=True)

Since = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"],
        help="A time in UTC.",
    ),
]
Hours = Annotated[float | None, typer.Option(min=0, help="So long before now.")]


@app.command()
def rewind(
    service: Annotated[Service, typer.Argument(help="Whose events.")],
    *,
    reason: Reason,
    since: Since = None,
    hours: Hours = None,
    data: Data = None,
    yes: Yes = False,
) -> None:
    """Have a service say again all that it has said since a time.

    For a broker that lost messages. It is safe: who has a message already ignores it.
    Messages that the broker refused are tried again.
    """
    # What a service keeps to itself can be read by whoever has imported it.
    import standalone.bootstrap  # noqa: F401, PLC0415 - takes a moment

    with told():
        system, why, start = find(data), given(reason), _start(since, hours)
        events = asyncio.run(_since(system, service, start))
        if not events:
            typer.echo(f"{service} has published nothing since {_said(start)}.")
            return
        meant(
            f"{service} will say again what it has said since {_said(start)}: "
            f"up to {events} events. Is that meant?",
            yes=yes,
        )
        asyncio.run(_rewind(system, service, start, why))
    typer.echo(f"{service} says again what it has said since {_said(start)}.")


@app.command()
def parked(*, data: Data = None, as_json: Json = False) -> None:
    """Show the events that the broker itself refused, and which were passed over."""
    with told():
        found = asyncio.run(_parked(find(data)))
    if as_json:
        typer.echo(shown(found))
        return
    for each in found:
        line = f"{each['at']}  {each['id']}  {each['service']}"
        typer.echo(printable(f"{line}  {each['kind']}: {each['reason']}"))
    typer.echo(
        "`gitploy relay rewind` tries them again." if found else "There are none."
    )


def _start(since: datetime | None, hours: float | None) -> datetime:
    if (since is None) == (hours is None):
        raise CommandError("Say how far to go back: --since or --hours.", WRONG)
    if since is not None:
        return since.replace(tzinfo=UTC)
    try:
        return datetime.now(UTC) - timedelta(hours=hours or 0)
    except OverflowError as error:
        raise CommandError(f"{hours} hours can't be gone back.", WRONG) from error


def _said(start: datetime) -> str:
    return f"{start:%Y-%m-%d %H:%M:%S} UTC"


async def _since(system: System, service: Service, start: datetime) -> int:
    """How far it goes back in the log, which also holds what the service took."""
    async with outbox_of(system, service) as outbox:
        return max(0, await outbox.position() - await outbox.position_before(start))


async def _rewind(
    system: System, service: Service, start: datetime, reason: str
) -> None:
    from shared.store import Action  # noqa: PLC0415 - takes a moment

    action = Action(
        at=datetime.now(UTC),
        who=who(),
        action="relay rewind",
        subject=service,
        reason=reason,
        details=shown({"since": start.isoformat()}),
    )
    async with outbox_of(system, service) as outbox:
        await outbox.rewind(start, action)


async def _parked(system: System) -> list[dict[str, Any]]:
    found = []
    for service in Service:
        async with outbox_of(system, service) as outbox:
            found += [_document(service, each) for each in await outbox.parked()]
    return sorted(found, key=lambda each: str(each["at"]))


def _document(service: Service, parked: "Parked") -> dict[str, Any]:
    return {
        "id": parked.message_id,
        "service": service,
        "position": parked.position,
        "kind": parked.kind,
        "reason": parked.reason,
        "at": parked.at.isoformat(),
    }
