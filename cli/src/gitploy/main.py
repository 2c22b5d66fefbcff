"""The command `gitploy`.

Each command is a file in `commands`, and imports what it needs when it runs: the list
of commands appears at once, and the demo starts its processes before it has loaded the
services itself.
"""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from gitploy.asking import command
from gitploy.commands import (
    acting,
    actions,
    config,
    dead_letters,
    demo,
    deploy,
    deployment,
    doctor,
    env,
    explain,
    key,
    lock,
    login,
    projections,
    relay,
    repo,
    search,
    serve,
    status,
    token,
    up,
    watch,
)
from gitploy.failing import writing

OPERATING: Final = "For operators"


class Commands(TyperGroup):
    """All of them, at terminals that know few characters as well."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:
                # Whoever has started it wants to read nothing.
                setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - to the end
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        with writing():
            return super().main(*args, **kwargs)


app = typer.Typer(
    name="gitploy",
    cls=Commands,
    help="Deploys what is on GitHub, and follows it.",
    epilog="Exit codes: 0 done, 1 it failed, 2 an option or a setting is wrong, "
    "3 not permitted, 4 not there, 5 no answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - takes a moment

        typer.echo(f"gitploy {version('gitploy-cli')}")
        raise typer.Exit


@app.callback()
def callback(
    *,
    _host: Annotated[str | None, typer.Option("--host", "-H", hidden=True)] = None,
    _token: Annotated[str | None, typer.Option("--token", "-T", hidden=True)] = None,
    _query: Annotated[str | None, typer.Option("--query", hidden=True)] = None,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show it.", callback=_tell_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Deploys what is on GitHub, and follows it.

    Where and as whom may stand before the command, too.
    """


app.command("login")(login.login)
app.command("logout")(login.logout)
command(app, "deploy")(deploy.deploy)
command(app, "preflight")(deploy.preflight)
command(app, "promote")(deploy.promote)
command(app, "watch")(watch.watch)
command(app, "search")(search.search)
command(app, "reviews")(search.reviews)
command(app, "explain")(explain.explain)
deployment.app.add_typer(acting.app)
app.add_typer(deployment.app, name="deployment")
app.add_typer(env.app, name="env")
command(app, "queue")(env.queue)
command(app, "lock")(lock.lock)
command(app, "unlock")(lock.unlock)
command(app, "locks")(lock.locks)
app.add_typer(repo.app, name="repo")
app.add_typer(config.app, name="config")
app.add_typer(status.app, name="status")
app.add_typer(deployment.old, name="deployment-status", hidden=True)
app.add_typer(token.app, name="token")

app.command("serve", rich_help_panel=OPERATING)(serve.serve)
command(app, "doctor", panel=OPERATING)(doctor.doctor)
app.command("demo", rich_help_panel=OPERATING)(demo.demo)
app.command("up", rich_help_panel=OPERATING)(up.up)
app.add_typer(projections.app, name="projections", rich_help_panel=OPERATING)
app.add_typer(dead_letters.app, name="dead-letters", rich_help_panel=OPERATING)
app.add_typer(relay.app, name="relay", rich_help_panel=OPERATING)
app.command("actions", rich_help_panel=OPERATING)(actions.actions)
app.command("key", rich_help_panel=OPERATING)(key.key)
