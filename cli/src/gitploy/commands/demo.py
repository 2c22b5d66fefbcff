"""`gitploy demo`: everything at once, for a first look."""

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
from gitploy.local.system import DEMO


def demo(
    *,
    port: Port = None,
    data: Data = DEMO,
    repo: Repo = None,
    host: Host = "127.0.0.1",
    ready_file: ReadyFile = None,
    deploy_tool: DeployTool = True,
) -> None:
    """Try Gitploy: in one process, on a stand-in for GitHub over a git repository.

    Started again on the same data it goes on where it was. Ctrl-C stops it.
    """
    forget(ready_file)
    from gitploy.local.embedded import embedded  # noqa: PLC0415 - other commands don't need it
    from gitploy.local.stage import GATEWAY, Options, perform  # noqa: PLC0415

    with told():
        options = Options(data, port, host, repo, ready_file, deploy_tool)
        perform(options, GATEWAY, embedded)
