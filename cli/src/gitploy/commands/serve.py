"""`gitploy serve`: the four services in one process, at a real GitHub."""

import os
from pathlib import Path
from typing import Annotated

import typer

from gitploy.failing import told
from gitploy.system import DATABASE, SQLITE, System, remember

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

    It wants GITPLOY_API_TOKEN, GITPLOY_GITHUB_TOKEN, GITPLOY_WEBHOOK_SECRET and
    GITPLOY_HOOKS_URL; docs/operations.md lists all. Ctrl-C stops it.
    """
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
        here = f"http://{settings.http_host}:{settings.http_port}"
        # `gitploy dead-letters --data DIR` and the like find it so.
        remember(settings.database.directory, system, here)
        main()
