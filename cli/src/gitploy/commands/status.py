"""`gitploy status`: what is told of a deployment, through Gitploy, to GitHub."""

from enum import StrEnum
from typing import Annotated

import typer

from gitploy.arguments import Number, Repository
from gitploy.asking import Asked, command
from gitploy.commands.deployment import old
from gitploy.deploying import WAIT_S
from gitploy.paths import of_repository

app = typer.Typer(help="Statuses, for tools without a token.", no_args_is_help=True)


@app.callback()
def callback() -> None:
    """Keep `create` a command of its own."""


class State(StrEnum):
    QUEUED = "queued"
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"
    INACTIVE = "inactive"


@command(app, "create")
@command(old, "create")
async def create(
    ask: Asked,
    repository: Repository,
    number: Number,
    *,
    status: Annotated[State, typer.Option("--status", "-s", help="How it goes.")],
    description: Annotated[str, typer.Option(help="At most 140 characters.")] = "",
    log_url: Annotated[str, typer.Option(metavar="URL", help="Its log.")] = "",
    environment_url: Annotated[
        str, typer.Option(metavar="URL", help="What was deployed.")
    ] = "",
) -> None:
    """Tell GitHub how a deployment goes, with Gitploy's own token."""
    body = {
        "status": status.value,
        "description": description,
        "log_url": log_url,
        "environment_url": environment_url,
    }
    path = of_repository(repository, "deployments", number, "remote-statuses")
    told = await ask.client.post(path, body, wait_s=WAIT_S)
    known = f"#{number} is {status.value} at GitHub."
    pending = f"GitHub has not answered yet that #{number} is {status.value}."
    ask.out.answer(told, lambda: [known if told["id"] else pending])
