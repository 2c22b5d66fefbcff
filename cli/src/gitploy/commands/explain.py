"""`gitploy explain`: why a deployment stands where it stands, and what can be done."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from gitploy.failing import WRONG, CommandError, told
from gitploy.operating import Json
from gitploy.system import TOKEN, URL, Api, Data, find_api
from gitploy.text import printable, shown

if TYPE_CHECKING:
    from gitploy.gateway import Gateway

Url = Annotated[
    str | None,
    typer.Option(envvar=URL, help="The gateway's address. Default: as --data says."),
]
Token = Annotated[
    str | None,
    typer.Option(
        envvar=TOKEN,
        help="A token of its API; best as the variable, which others can't see.",
    ),
]


def explain(
    repository: Annotated[str, typer.Argument(help="OWNER/NAME.")],
    number: Annotated[int, typer.Argument(min=1, help="The deployment's number.")],
    *,
    url: Url = None,
    token: Token = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Say what a deployment waits for, since when, until when, and what to do."""
    from gitploy.explaining import lines  # noqa: PLC0415 - other commands don't need it

    with told():
        if repository.count("/") != 1:
            what = f"{printable(repository)} is no repository: name it as OWNER/NAME."
            raise CommandError(what, WRONG)
        api = find_api(data, url, token)
        explained = asyncio.run(_explained(api, repository, number))
    if as_json:
        typer.echo(shown(explained))
        return
    for line in lines(explained):
        typer.echo(printable(line))
    if api.token_file and any(each["command"] for each in explained["do"]):
        typer.echo(f"\nTheir token: export {TOKEN}=$(cat {api.token_file})")


async def _explained(api: Api, repository: str, number: int) -> dict[str, Any]:
    from gitploy.advice import About  # noqa: PLC0415
    from gitploy.explaining import explanation  # noqa: PLC0415
    from gitploy.gateway import reached  # noqa: PLC0415 - takes a moment

    of = f"/repos/{quote(repository)}"
    async with reached(api.url, api.token) as gateway:
        deployment = await gateway.get(f"{of}/deployments/{number}")
        events = await gateway.get(f"{of}/deployments/{number}/events")
        environment = await _environment(gateway, of, deployment["env"])
    about = About(deployment, f"{api.url}/api/v1{of}", repository, environment)
    return explanation(about, events, datetime.now(UTC))


async def _environment(gateway: "Gateway", of: str, name: str) -> Any:
    """How it stands; None where nothing was ever deployed."""
    path = f"{of}/environments/{quote(name, safe='')}"
    return await gateway.get(path, or_else=None)
