"""`gitploy lock`, `unlock`, `locks`: keep others out of an environment."""

from typing import Annotated, Any, Final

import typer

from gitploy.arguments import Repository
from gitploy.asking import Asked
from gitploy.commands.deploy import Into
from gitploy.deploying import WAIT_S
from gitploy.failing import ABSENT, WRONG, CommandError
from gitploy.output import Answer
from gitploy.paths import of_repository
from gitploy.showing import who
from gitploy.tables import locks as table
from gitploy.times import moment

#: As an end of a lock: none.
NEVER: Final = "never"


async def lock(
    ask: Asked,
    repository: Repository,
    environment: Into,
    *,
    reason: Annotated[str | None, typer.Option(help="Why: others will ask.")] = None,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Its end: 2h30m, 7d, 2030-11-22T18:00, or never."
        ),
    ] = None,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Put it in the place of another's.")
    ] = False,
    change: Annotated[
        bool, typer.Option("--change", help="Change the one that is there.")
    ] = False,
) -> None:
    """Lock an environment: nobody else deploys there until it is unlocked."""
    body = _wanted(reason, until)
    path = of_repository(repository, "locks")
    if take_over and change:
        raise CommandError("Give --take-over or --change, not both.", WRONG)
    if change and not body:
        raise CommandError("--change wants a --reason or an --until.", WRONG)
    if take_over:
        there = await _there(ask, repository, environment)
        of_it = of_repository(repository, "locks", there["id"], "take-over")
        told = await ask.client.post(of_it, body, wait_s=WAIT_S)
    elif change:
        there = await _there(ask, repository, environment)
        of_it = of_repository(repository, "locks", there["id"])
        told = await ask.client.patch(of_it, body, wait_s=WAIT_S)
    else:
        body["env"] = environment
        told = await ask.client.post(path, body, wait_s=WAIT_S)
    ask.out.answer(told, lambda: _locked(told, environment))


async def unlock(ask: Asked, repository: Repository, environment: Into) -> None:
    """Unlock an environment."""
    there = await _there(ask, repository, environment)
    path = of_repository(repository, "locks", there["id"])
    told = await ask.client.delete(path, wait_s=WAIT_S)
    done = f"{environment} is unlocked; {who(there)} had locked it."
    asked = f"{environment}: the verifier has not answered yet."
    ask.out.answer(told, lambda: [asked if told else done])


async def locks(
    ask: Asked,
    repository: Repository,
    *,
    history: Annotated[
        bool, typer.Option("--history", help="Also those that have ended.")
    ] = False,
) -> None:
    """Show what is locked, by whom, until when, and why."""
    path = of_repository(repository, "locks")
    if history:
        told = await ask.client.all(path, history=True)
    else:
        told = await ask.client.get(path)
    ask.out.answer(told, lambda: table(told))


def _wanted(reason: str | None, until: str | None) -> dict[str, str | None]:
    """What is said of it; an empty reason, or no end, is something, too."""
    body: dict[str, str | None] = {}
    if reason is not None:
        body["reason"] = reason
    if until is not None:
        body["expired_at"] = None if until == NEVER else moment(until)
    return body


async def _there(ask: Asked, repository: str, environment: str) -> Any:
    path = of_repository(repository, "locks")
    for each in await ask.client.get(path, env=environment):
        return each
    raise CommandError(f"{environment} is not locked.", ABSENT)


def _locked(told: Any, environment: str) -> Answer:
    if told["state"] != "locked":
        return [f"{environment}: the verifier has not answered yet."]
    until = f" until {told['expired_at']}" if told["expired_at"] else ""
    return [f"{environment} is locked by {who(told)}{until}."]
