"""`gitploy deploy`, `preflight`, `promote`: something goes out, or would."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from gitploy.arguments import Repository
from gitploy.asking import Asked
from gitploy.completing import environments
from gitploy.deploying import (
    Override,
    Reason,
    Sha,
    WaitForChecks,
    Watch,
    carry_out,
    meaning,
    overriding,
)
from gitploy.failing import FAILED, CommandError
from gitploy.fields import payload
from gitploy.output import Table
from gitploy.paths import of_repository
from gitploy.references import Kind, kind_of
from gitploy.showing import checks

Into = Annotated[
    str,
    typer.Argument(
        metavar="ENV", help="Where to, as deploy.yml calls it.",
        autocompletion=environments,
    ),
]  # fmt: skip
Ref = Annotated[str, typer.Argument(metavar="REF", help="A branch, a tag or a commit.")]
Type = Annotated[
    Kind | None,
    typer.Option("--type", help="What the ref is. Default: it is looked up."),
]
Fields = Annotated[
    list[str] | None,
    typer.Option(
        "--field", "-f", metavar="NAME=VALUE",
        help="An input that the environment asks for; may be repeated.",
    ),
]  # fmt: skip
Look = Annotated[
    bool,
    typer.Option("--ask", "-a", help="Show the commit and the checks, and ask first."),
]


async def deploy(
    ask: Asked,
    repository: Repository,
    environment: Into,
    ref: Ref,
    *,
    kind: Type = None,
    field: Fields = None,
    sha: Sha = None,
    look: Look = False,
    wait_for_checks: WaitForChecks = False,
    override: Override = None,
    reason: Reason = None,
    watch: Watch = False,
) -> None:
    """Deploy a branch, a tag or a commit to an environment."""
    past = overriding(override, reason)
    wanted = await _wanted(ask, repository, ref, kind)
    values = await payload(ask.client, repository, environment, field or [])
    if look:
        # Also where there are none: that is what will be sent.
        all_ = {**meaning(sha), **past, "dynamic_payload": values or {}}
        seen = await _looked_at(ask, repository, environment, wanted, all_)
        sha = sha or seen
    body = {
        **wanted,
        "env": environment,
        "dynamic_payload": values,
        **meaning(sha),
        **({"wait_for_checks": True} if wait_for_checks else {}),
        **past,
    }
    path = of_repository(repository, "deployments")
    await carry_out(ask, repository, path, body, watch=watch)


async def preflight(
    ask: Asked,
    repository: Repository,
    environment: Into,
    ref: Ref,
    *,
    kind: Type = None,
    field: Fields = None,
    override: Override = None,
    reason: Reason = None,
) -> None:
    """Say what would become of a deployment, without deploying.

    Exit code 1: it would be refused.
    """
    past = overriding(override, reason)
    wanted = await _wanted(ask, repository, ref, kind)
    values = await payload(ask.client, repository, environment, field or [])
    more = {**past, "dynamic_payload": values}
    told = await _asked_before(ask, repository, environment, wanted, more)
    ask.out.answer(told, lambda: _checks(told))
    if told["would"] == "refuse":
        raise CommandError(_would(told, environment), FAILED)
    ask.out.note(_would(told, environment))
    again = ["gitploy", "deploy", repository, environment, ref, "--sha", told["sha"]]
    again += _again(field, override, reason)
    ask.out.note(f"To deploy this and nothing else: {shlex.join(again)}")


async def promote(
    ask: Asked,
    repository: Repository,
    source: Annotated[
        str,
        typer.Argument(
            metavar="FROM", help="Where it is live.", autocompletion=environments
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            metavar="TO", help="Where it is to go.", autocompletion=environments
        ),
    ],
    *,
    sha: Sha = None,
    look: Look = False,
    override: Override = None,
    reason: Reason = None,
    watch: Watch = False,
) -> None:
    """Deploy what is live in one environment to another."""
    past = overriding(override, reason)
    if look:
        live = await _live(ask, repository, source)
        # A promotion gives no values: whether some are missing is to be seen.
        all_ = {**meaning(sha), **past, "dynamic_payload": {}}
        seen = await _looked_at(ask, repository, target, live, all_)
        sha = sha or seen
    body = {"from": source, **meaning(sha), **past}
    path = of_repository(repository, "environments", target, "promote")
    await carry_out(ask, repository, path, body, watch=watch)


async def _live(ask: Asked, repository: str, environment: str) -> dict[str, str]:
    """The commit that is live there."""
    path = of_repository(repository, "environments", environment)
    told = await ask.client.get(path)
    if not told["live"]:
        raise CommandError(f"Nothing is live in {environment}: deploy there first.")
    return {"type": Kind.COMMIT.value, "ref": told["live"]["sha"]}


async def _wanted(
    ask: Asked, repository: str, ref: str, told: Kind | None
) -> dict[str, str]:
    kind, name = await kind_of(ask.client, repository, ref, told)
    return {"type": kind.value, "ref": name}


def _again(
    fields: Sequence[str] | None, checks: Sequence[str] | None, reason: str | None
) -> list[str]:
    """The options of what was asked about."""
    return [
        *(part for field in fields or () for part in ("--field", field)),
        *(part for check in checks or () for part in ("--override", check)),
        *(("--reason", reason) if reason else ()),
    ]


async def _asked_before(
    ask: Asked,
    repository: str,
    environment: str,
    wanted: Mapping[str, str],
    more: Mapping[str, Any],
) -> Any:
    path = of_repository(repository, "environments", environment, "preflight")
    given = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in more.items()
        if value is not None
    }
    with ask.out.waiting("Asking the verifier…"):
        return await ask.client.get(path, **wanted, **given)


async def _looked_at(
    ask: Asked,
    repository: str,
    environment: str,
    wanted: Mapping[str, str],
    more: Mapping[str, Any],
) -> str | None:
    """The commit that a person has seen and agreed to."""
    told = await _asked_before(ask, repository, environment, wanted, more)
    ask.out.answer(told, lambda: _checks(told))
    if not typer.confirm(f"{_would(told, environment)} Deploy it?", err=True):
        raise CommandError("Nothing was deployed.")
    return told["sha"] and str(told["sha"])


def _checks(told: Any) -> Table:
    return checks([each for each in told["checks"] if each["state"] != "skipped"])


def _would(told: Any, environment: str) -> str:
    commit = (told["sha"] or "It")[:7]
    would = {
        "deploy": f"{commit} would go to {environment}.",
        "queue": f"{commit} would be number {told['position']} in line.",
        "review": f"{commit} would wait for reviews.",
        "wait_for_checks": f"{commit} has checks that have not finished; "
        "--wait-for-checks waits for them.",
        "refuse": f"{commit} would be refused: {told['message']}",
    }
    return would.get(told["would"], str(told["message"]))
