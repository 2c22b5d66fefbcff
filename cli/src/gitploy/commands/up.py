"""`gitploy up`: each service as its own process, on a real broker and database."""

from typing import Annotated

import typer

from gitploy.commands.options import (
    Data,
    DeployTool,
    Host,
    Port,
    ReadyFile,
    Repo,
    forget,
)
from gitploy.failing import told
from gitploy.local.system import UP

Replicas = Annotated[
    int, typer.Option(min=1, max=9, help="How many processes of each service.")
]


def up(
    *,
    port: Port = None,
    data: Data = UP,
    repo: Repo = None,
    host: Host = "127.0.0.1",
    ready_file: ReadyFile = None,
    deploy_tool: DeployTool = True,
    replicas: Replicas = 1,
) -> None:
    """Run each service as its own process, on RabbitMQ and PostgreSQL.

    GITPLOY_AMQP_URL and GITPLOY_DATABASE_URL name them; without, private ones are
    started in the data directory. A process that dies is started again; DATA has each
    one's NAME.pid and NAME.log. Ctrl-C stops everything.
    """
    forget(ready_file)
    from gitploy.local.separate import separate  # noqa: PLC0415 - other commands don't need it
    from gitploy.local.stage import STATUS_SYNC, Options, perform  # noqa: PLC0415

    with told():
        options = Options(data, port, host, repo, ready_file, deploy_tool)
        perform(options, STATUS_SYNC, separate(replicas))
