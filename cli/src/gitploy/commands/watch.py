"""`gitploy watch`: what happens, as it happens."""

from typing import Annotated

import typer

from gitploy.arguments import Repository, number_of
from gitploy.asking import Asked
from gitploy.paths import of_repository


async def watch(
    ask: Asked,
    repository: Repository,
    number: Annotated[
        int | None,
        typer.Argument(
            metavar="NUMBER", parser=number_of, show_default=False,
            help="One deployment, until it has ended.",
        ),
    ] = None,
) -> None:  # fmt: skip
    """Follow a repository's deployments and locks live, or one deployment to its end.

    Exit code 1: the deployment did not succeed. Ctrl-C stops watching, nothing else.
    """
    from gitploy.following import everything, to_its_end  # noqa: PLC0415
    from gitploy.local.terminal import Terminal  # noqa: PLC0415
    from gitploy.steps import Steps  # noqa: PLC0415

    if number:
        path = of_repository(repository, "deployments", number)
        await to_its_end(ask, repository, lambda: ask.client.get(path))
        return
    steps, terminal = Steps(), Terminal()
    ask.out.note(f"Following {repository}. Ctrl-C stops watching, nothing else.")
    async for event, document in everything(ask, repository):
        if ask.out.for_programs:
            ask.out.event({"event": event, "data": document})
        elif step := steps.of(event, document):
            terminal.show(step)
