"""The options that `demo` and `up` share."""

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65535,
        help="The API's port; 0 picks free ones. Default: as last time, at first 8080.",
    ),
]
Data = Annotated[Path, typer.Option(help="Where everything is kept.")]
Repo = Annotated[
    Path | None, typer.Option(help="Your git repository, instead of a sample.")
]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
ReadyFile = Annotated[
    Path | None, typer.Option(help="Write addresses and tokens here when all is up.")
]
DeployTool = Annotated[
    bool, typer.Option("--deploy-tool/--no-deploy-tool", help="Run the example tool.")
]


def forget(ready_file: Path | None) -> None:
    """Whoever waits for the file must not find one of an earlier start."""
    if ready_file:
        ready_file.unlink(missing_ok=True)
