"""`gitploy actions`: what operators have done by hand."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import typer

from gitploy.failing import told
from gitploy.local.system import Data, System, find
from gitploy.operating import Json, Service, outbox_of
from gitploy.text import printable, shown

if TYPE_CHECKING:
    from shared.store import Action


def actions(*, data: Data = None, as_json: Json = False) -> None:
    """Show what operators have done with `relay` and `dead-letters`: who, when, why."""
    with told():
        done = asyncio.run(_all(find(data)))
    if as_json:
        typer.echo(shown(done))
        return
    for each in done:
        line = f"{each['at']}  {each['who']}  {each['action']} {each['subject']}"
        typer.echo(printable(f"{line}: {each['reason']}"))
    if not done:
        typer.echo("Nothing.")


async def _all(system: System) -> list[dict[str, Any]]:
    from shared.store import Actions  # noqa: PLC0415 - takes a moment

    done = []
    for service in Service:
        async with outbox_of(system, service) as outbox:
            done += [
                _document(service, each) for each in await Actions(outbox.store).all()
            ]
    return sorted(done, key=lambda each: str(each["at"]))


def _document(service: Service, action: "Action") -> dict[str, Any]:
    details = json.loads(action.details)
    return {
        **vars(action),
        "at": action.at.isoformat(),
        # A letter is kept with the gateway's audit, whosever it was.
        "service": details.get("service", service),
        "details": details,
    }
