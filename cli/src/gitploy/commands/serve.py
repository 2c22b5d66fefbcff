"""`gitploy serve`: the four services in one process, at a real GitHub."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

import typer

from gitploy.failing import WRONG, CommandError, told
from gitploy.local.system import DATABASE, SQLITE, System, address_of, remember

#: What has to be told, and where one has it from.
WANTED: Final[Mapping[str, str]] = {
    "GITPLOY_API_TOKEN": "a token of your making, to log in with: openssl rand -hex 32",
    "GITPLOY_WEBHOOK_SECRET": "what GitHub signs webhooks with: openssl rand -hex 32",
    "GITPLOY_HOOKS_URL": "where GitHub reaches /hooks: https://gitploy.example.com/hooks",
}
TOKEN: Final = "GITPLOY_GITHUB_TOKEN"  # noqa: S105 - its name
APP: Final = "GITPLOY_GITHUB_APP_CLIENT_ID"
KEY: Final = "GITPLOY_GITHUB_APP_PRIVATE_KEY"

Data = Annotated[
    Path | None,
    typer.Option(
        help="Where everything is kept. Default: GITPLOY_DATABASE_URL, else data."
    ),
]
Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Default: GITPLOY_HTTP_PORT, else 8080."),
]
Host = Annotated[
    str | None,
    typer.Option(help="Where to listen. Default: GITPLOY_HTTP_HOST, else 127.0.0.1."),
]


def serve(*, data: Data = None, port: Port = None, host: Host = None) -> None:
    """Run Gitploy in one process, at a real GitHub, from GITPLOY_… settings alone.

    It wants GITPLOY_API_TOKEN, GITPLOY_WEBHOOK_SECRET, GITPLOY_HOOKS_URL, and either
    GITPLOY_GITHUB_APP_CLIENT_ID with GITPLOY_GITHUB_APP_PRIVATE_KEY, as a GitHub App
    (docs/github-app.md), or GITPLOY_GITHUB_TOKEN. GITPLOY_GITHUB_API_URL names another
    GitHub than github.com. docs/operations.md lists all. Ctrl-C stops it.
    """
    with told():
        _check(os.environ)
    given = {
        DATABASE: f"{SQLITE}{data.resolve()}/" if data else None,
        "GITPLOY_HTTP_PORT": str(port) if port is not None else None,
        "GITPLOY_HTTP_HOST": host,
    }
    os.environ.update({name: value for name, value in given.items() if value})
    from shared.service import load  # noqa: PLC0415 - takes a moment
    from standalone.__main__ import main  # noqa: PLC0415
    from standalone.settings import Settings  # noqa: PLC0415

    with told():
        settings = load(Settings)
        settings.database.prepare()
        url = settings.database_url.get_secret_value()
        system = System(settings.amqp_url.get_secret_value(), url)
        here = address_of(settings.http_host, settings.http_port)
        # `gitploy dead-letters --data DIR` and the like find it so.
        remember(settings.database.directory, system, here)
        if sys.stderr.isatty():
            _tell_next(here)
        main()


def _check(given: Mapping[str, str]) -> None:
    """Tell all that is missing at once, and not one thing at each start.

    Raises:
        CommandError: Something is.
    """
    lacking = [f"{name}: {why}" for name, why in WANTED.items() if not given.get(name)]
    if not any(given.get(name) for name in (TOKEN, APP, KEY)):
        lacking.append(
            f"{APP} and {KEY}, or {TOKEN}: as whom GitHub is asked (docs/github-app.md)"
        )
    if lacking:
        raise CommandError(
            "settings are missing in the environment:", WRONG, more=lacking
        )


def _tell_next(here: str) -> None:
    """For whoever starts it by hand."""
    typer.echo(
        f"Next, in another terminal: `gitploy login --host {here}` with the token of "
        "GITPLOY_API_TOKEN, `gitploy repo activate OWNER/NAME`, `gitploy doctor "
        "OWNER/NAME`.",
        err=True,
    )
