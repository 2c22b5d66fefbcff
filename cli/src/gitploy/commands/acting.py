"""`gitploy deployment`: act on what was asked for."""

from typing import Annotated, Any

import typer

from gitploy.arguments import Number, Repository
from gitploy.asking import Asked, command
from gitploy.commands.deploy import Fields
from gitploy.commands.deploy import deploy as deployed
from gitploy.deploying import (
    WAIT_S,
    Override,
    Reason,
    Sha,
    WaitForChecks,
    Watch,
    carry_out,
    meaning,
    overriding,
    taken,
)
from gitploy.failing import CommandError
from gitploy.paths import of_repository
from gitploy.references import Kind
from gitploy.showing import title, what, who

app = typer.Typer()

Comment = Annotated[str, typer.Option(help="What you have to say, for the history.")]
Look = Annotated[
    bool, typer.Option("--ask", "-a", help="Show the commit, and ask first.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]


@command(app, "cancel")
async def cancel(
    ask: Asked,
    repository: Repository,
    number: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
) -> None:
    """Stop it, wherever it stands. It can't stop the deployment tool."""
    path = of_repository(repository, "deployments", number, "cancel")
    body = {"reason": reason} if reason else {}
    told = await ask.client.post(path, body, wait_s=WAIT_S)
    ask.out.answer(told, lambda: [f"{title(told)}: {told['phase']}"])


@command(app, "retry")
async def retry(
    ask: Asked,
    repository: Repository,
    number: Number,
    *,
    sha: Sha = None,
    look: Look = False,
    wait_for_checks: WaitForChecks = False,
    override: Override = None,
    reason: Reason = None,
    watch: Watch = False,
) -> None:
    """Deploy the same commit there once more."""
    past = overriding(override, reason)
    if look:
        sha = await _looked_at(ask, repository, number)
    body = {
        **({"wait_for_checks": True} if wait_for_checks else {}),
        **meaning(sha),
        **past,
    }
    path = of_repository(repository, "deployments", number, "retry")
    await carry_out(ask, repository, path, body, watch=watch)


@command(app, "rollback")
async def rollback(
    ask: Asked,
    repository: Repository,
    number: Number,
    *,
    take_over: Annotated[
        bool, typer.Option("--take-over", help="Cancel what it would wait for.")
    ] = False,
    sha: Sha = None,
    look: Look = False,
    override: Override = None,
    reason: Reason = None,
    watch: Watch = False,
) -> None:
    """Go back to a deployment that has succeeded, at its own commit."""
    past = overriding(override, reason)
    if look:
        sha = await _looked_at(ask, repository, number)
    body = {
        **({"take_over": True} if take_over else {}),
        **meaning(sha),
        **past,
    }
    path = of_repository(repository, "deployments", number, "rollback")
    await carry_out(ask, repository, path, body, watch=watch)


@command(app, "approve")
async def approve(
    ask: Asked,
    repository: Repository,
    number: Number,
    *,
    comment: Comment = "",
    send: Annotated[
        bool, typer.Option("--send", help="And send it, if nobody else has to answer.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Approve it: the commit and the rules that are shown, no others."""
    shown = await _shown(ask, repository, number)
    if ask.out.terminal and not yes and not ask.out.for_programs:
        _confirm(shown, "Approve it?")
    told = await _answer(ask, repository, shown, "approved", comment)
    if not send:
        ask.out.answer(told, lambda: [f"You have approved {title(shown)}."])
        return
    await _send(ask, repository, shown)


@command(app, "reject")
async def reject(
    ask: Asked, repository: Repository, number: Number, *, comment: Comment = ""
) -> None:
    """Reject it, which ends it."""
    shown = await _shown(ask, repository, number)
    told = await _answer(ask, repository, shown, "rejected", comment)
    ask.out.answer(told, lambda: [f"You have rejected {title(shown)}."])


@command(app, "send", "update")
async def send(ask: Asked, repository: Repository, number: Number) -> None:
    """Send one that has been approved."""
    await _send(ask, repository, await _shown(ask, repository, number))


@command(app, "sync")
async def sync(
    ask: Asked,
    repository: Repository,
    number: Number,
    *,
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
) -> None:
    """Ask GitHub for all that it says about it, where a webhook was lost."""
    path = of_repository(repository, "deployments", number, "sync")
    body = {"reason": reason} if reason else {}
    told = await ask.client.post(path, body, wait_s=WAIT_S)
    ask.out.answer(told, lambda: taken(repository, told))


@command(app, "create", hidden=True)
async def create(
    ask: Asked,
    repository: Repository,
    *,
    kind: Annotated[Kind, typer.Option("--type")],
    env: Annotated[str, typer.Option()],
    ref: Annotated[str, typer.Option()],
    field: Fields = None,
) -> None:
    """Deploy, as Gitploy's own command did: `gitploy deploy` is shorter."""
    await deployed(ask, repository, env, ref, kind=kind, field=field)


async def _shown(ask: Asked, repository: str, number: int) -> Any:
    return await ask.client.get(of_repository(repository, "deployments", number))


async def _looked_at(ask: Asked, repository: str, number: int) -> str | None:
    """The commit that a person has seen and agreed to; none if none was found."""
    shown = await _shown(ask, repository, number)
    _confirm(shown, "Deploy it again?")
    return shown["sha"] and str(shown["sha"])


def _confirm(shown: Any, question: str) -> None:
    about = f"{title(shown)}: {what(shown)}, asked for by {who(shown)}"
    if not typer.confirm(f"{about}. {question}", err=True):
        raise CommandError("Nothing was done.")


def _seen(shown: Any) -> dict[str, str]:
    """What the answer is about, as it was shown."""
    pair = {"sha": shown["sha"], "config_digest": shown["config_digest"]}
    return {name: value for name, value in pair.items() if value}


async def _answer(
    ask: Asked, repository: str, shown: Any, status: str, comment: str
) -> Any:
    body = {"status": status, "comment": comment, **_seen(shown)}
    path = of_repository(repository, "deployments", shown["number"], "review")
    return await ask.client.patch(path, body)


async def _send(ask: Asked, repository: str, shown: Any) -> None:
    path = of_repository(repository, "deployments", shown["number"])
    with ask.out.waiting("Waiting for the verifier and GitHub…"):
        told = await ask.client.put(path, _seen(shown), wait_s=WAIT_S)
    ask.out.answer(told, lambda: taken(repository, told))
