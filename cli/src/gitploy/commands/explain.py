"""`gitploy explain`: why a deployment stands where it stands, and what can be done."""

from datetime import UTC, datetime
from typing import Any

from gitploy.advice import About
from gitploy.arguments import Number, Repository
from gitploy.asking import Asked
from gitploy.explaining import explanation, lines
from gitploy.paths import of_repository


async def explain(ask: Asked, repository: Repository, number: Number) -> None:
    """Say what a deployment waits for, since when, until when, and what to do."""
    deployment = await ask.client.get(of_repository(repository, "deployments", number))
    events = await ask.client.get(
        of_repository(repository, "deployments", number, "events")
    )
    environment = await _environment(ask, repository, deployment["env"])
    about = About(deployment, repository, environment)
    explained = explanation(about, events, datetime.now(UTC))
    ask.out.answer(explained, lambda: list(lines(explained)))
    if ask.api.token_file and any(each["command"] for each in explained["do"]):
        token = f"GITPLOY_TOKEN=$(cat {ask.api.token_file})"
        ask.out.note(f"For them: export GITPLOY_SERVER_HOST={ask.api.url} {token}")


async def _environment(ask: Asked, repository: str, name: str) -> Any:
    """How it stands; None where nothing was ever deployed."""
    path = of_repository(repository, "environments", name)
    return await ask.client.get(path, or_else=None)
