"""The command `gitploy`.

Each command is a file in `commands`, and imports what it needs when it runs: the list
of commands appears at once, and the demo starts its processes before it has loaded the
services itself.
"""

import typer

from gitploy.commands import (
    actions,
    config,
    dead_letters,
    demo,
    explain,
    projections,
    relay,
    up,
)

app = typer.Typer(
    name="gitploy",
    help="Deploys what is on GitHub, and follows it.",
    epilog="Exit codes: 0 done, 1 it failed, 2 an option or a setting is wrong.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("up")(up.up)
app.command("explain")(explain.explain)
app.add_typer(config.app, name="config")
app.add_typer(projections.app, name="projections")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(relay.app, name="relay")
app.command("actions")(actions.actions)

if __name__ == "__main__":
    app()
