"""`gitploy env` and `gitploy queue`: what is live, runs and waits in environments."""

from typing import Annotated, Any

import typer

from gitploy.arguments import Repository
from gitploy.asking import Asked, command
from gitploy.commands.deploy import Into
from gitploy.commands.deployment import At
from gitploy.completing import environments
from gitploy.deploying import WAIT_S
from gitploy.output import Table
from gitploy.paths import of_repository
from gitploy.showing import number_of
from gitploy.tables import environments as table
from gitploy.tables import line
from gitploy.times import since

app = typer.Typer(help="Environments, and what goes on there.", no_args_is_help=True)


@command(app, "list", "ls")
async def list_(ask: Asked, repository: Repository) -> None:
    """Show what is live where, what runs, who waits, and what keeps others out."""
    told = await ask.client.get(of_repository(repository, "environments"))
    ask.out.answer(told, lambda: table(told))


@command(app, "get")
async def get(
    ask: Asked, repository: Repository, environment: Into, *, at: At = None
) -> None:
    """Show one of them, now or as it was known at a time."""
    path = of_repository(repository, "environments", environment)
    told = await ask.client.get(path, at=since(at))
    ask.out.answer(told, lambda: table([told]))


@command(app, "resume")
async def resume(ask: Asked, repository: Repository, environment: Into) -> None:
    """Deploy pushes again, after a rollback."""
    path = of_repository(repository, "environments", environment, "resume")
    told = await ask.client.post(path, wait_s=WAIT_S)
    done = f"Pushes are deployed to {environment} again."
    asked = f"{environment}: the verifier has not answered yet."
    ask.out.answer(told, lambda: [asked if told["hold"] else done])


@command(app, "release")
async def release(
    ask: Asked,
    repository: Repository,
    environment: Into,
    *,
    reason: Annotated[str, typer.Option(help="Why, for the history.")],
) -> None:
    """Give the place there to the next in line, when nothing is at work any more."""
    path = of_repository(repository, "environments", environment, "release")
    told = await ask.client.post(path, {"reason": reason})
    freed = ", ".join(
        number_of(each) if each["number"] else "what was made at GitHub"
        for each in told["released"]
    )
    ask.out.answer(
        told, lambda: [f"The place in {environment} is free; it was that of {freed}."]
    )


async def queue(
    ask: Asked,
    repository: Repository,
    environment: Annotated[
        str,
        typer.Argument(
            metavar="ENV", help="Default: every one.", autocompletion=environments,
            show_default=False,
        ),
    ] = "",
) -> None:  # fmt: skip
    """Show who waits in line, the next one first."""
    if environment:
        path = of_repository(repository, "environments", environment, "queue")
        told = await ask.client.get(path)
        ask.out.answer(told, lambda: _line({environment: told}))
        return
    known = await ask.client.get(of_repository(repository, "environments"))
    lines = {each["name"]: each["queue"] for each in known}
    ask.out.answer(lines, lambda: _line(lines))


def _line(lines: dict[str, Any]) -> Table:
    rows = [row for name, told in lines.items() for row in line(told, name)]
    titles = ("Environment", "Position", "Deployment", "Since")
    return Table(titles, rows, "Nobody waits in line.")
