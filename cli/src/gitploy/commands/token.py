"""`gitploy token`: tokens for scripts and machines, in your name."""

from enum import StrEnum
from typing import Annotated

import typer

from gitploy.asking import Asked, command
from gitploy.completing import repositories
from gitploy.tables import tokens as table
from gitploy.times import moment

app = typer.Typer(help="Your own tokens of the API.", no_args_is_help=True)


class Scope(StrEnum):
    READ = "read"
    DEPLOY = "deploy"
    ADMIN = "admin"


@command(app, "list", "ls")
async def list_(ask: Asked) -> None:
    """Show yours: for what, until when, when they were used last."""
    told = await ask.client.get("/user/tokens")
    ask.out.answer(told, lambda: table(told))


@command(app, "create")
async def create(
    ask: Asked,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    *,
    scope: Annotated[Scope, typer.Option(help="How much it may.")] = Scope.READ,
    repository_alone: Annotated[
        str | None,
        typer.Option(
            "--repository", metavar="OWNER/NAME", autocompletion=repositories,
            help="For this one alone.",
        ),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Its end: 90d, or 2030-11-22T18:00."),
    ] = None,
) -> None:  # fmt: skip
    """Make one. It is printed once, and can't be shown again."""
    wanted = {
        "name": name,
        "scope": scope.value,
        "repository": repository_alone,
        "expires_at": moment(expires),
    }
    body = {key: value for key, value in wanted.items() if value is not None}
    told = await ask.client.post("/user/tokens", body)
    ask.out.note("Keep it well: it is shown this once.")
    ask.out.answer(told, lambda: [told["token"]])


@command(app, "revoke")
async def revoke(
    ask: Asked,
    number: Annotated[
        int, typer.Argument(metavar="ID", min=1, help="As `token list` shows it.")
    ],
) -> None:
    """End one at once."""
    told = await ask.client.delete(f"/user/tokens/{number}")
    ask.out.answer(told, lambda: [f"Token {number} is revoked."])
