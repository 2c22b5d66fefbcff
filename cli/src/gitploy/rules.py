"""The rules of a repository as the gateway reads them at GitHub."""

from typing import Annotated, Any

import typer

from gitploy.asking import Asked
from gitploy.output import Cell, Table
from gitploy.paths import of_repository

Ref = Annotated[
    str | None,
    typer.Option(help="Of a branch, a tag or a commit. Default: those that hold."),
]
#: Fields that keep something from going out, and how they are said in a word.
GATES = {
    "serialization": "one at a time",
    "queue": "a line",
    "auto_merge": "up to date",
    "needs": "after others",
    "frozen_windows": "freezes",
    "deployers": "deployers",
}


async def show_rules(ask: Asked, repository: str, ref: str | None) -> None:
    """The environments of a deploy.yml, each with what it asks for."""
    told = await ask.client.get(of_repository(repository, "config"), ref=ref)
    ask.out.answer(told, lambda: _table(told))
    for warning in told.get("warnings") or ():
        where = f"{told['config_path']}:{warning['line']}:{warning['column']}"
        ask.out.note(f"{where}: warning: {warning['message']}")


def _table(told: Any) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (env["name"], env.get("deployable_ref"), env.get("auto_deploy_on"), _asks(env))
        for env in told["envs"]
    ]
    titles = ("Environment", "Takes", "Deploys pushes to", "Asks for")
    return Table(titles, rows, f"{told['config_path']} has no environment.")


def _asks(env: Any) -> str:
    words = [word for field, word in GATES.items() if env.get(field)]
    if (env.get("review") or {}).get("enabled"):
        required = env["review"]["required"]
        words.append(f"{required} approval{'' if required == 1 else 's'}")
    if (env.get("dynamic_payload") or {}).get("enabled"):
        words.append(f"--field {', '.join(env['dynamic_payload']['inputs'])}")
    return ", ".join(words)
