"""What makes a deployment is asked for, and followed if that is wanted."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import typer

from gitploy.asking import Asked
from gitploy.failing import WRONG, CommandError
from gitploy.showing import ENDED, title, what

Document = Mapping[str, Any]
#: How long an answer is waited for, unless it is followed live.
WAIT_S: Final = 30

Watch = Annotated[
    bool,
    typer.Option("--watch", "-w", help="Follow it until it has ended."),
]
Override = Annotated[
    list[str] | None,
    typer.Option(
        "--override", metavar="CHECK",
        help="Go past a check, like `frozen`; may be repeated. It wants a --reason.",
    ),
]  # fmt: skip
Reason = Annotated[
    str | None, typer.Option(help="Why. It stays in the history, with your name.")
]
Sha = Annotated[
    str | None,
    typer.Option(help="The whole id of the commit that is meant; no other goes out."),
]
WaitForChecks = Annotated[
    bool,
    typer.Option("--wait-for-checks", help="Wait for checks that have not finished."),
]


def meaning(sha: str | None) -> dict[str, str]:
    """The part of a body that says which commit is meant, where that is known."""
    return {"expected_sha": sha} if sha else {}


def overriding(checks: Sequence[str] | None, reason: str | None) -> dict[str, Any]:
    """The part of a body that goes past checks.

    Raises:
        CommandError: There is one without the other.
    """
    if not checks:
        if reason:
            raise CommandError("--reason is for --override: say what.", WRONG)
        return {}
    if not reason:
        raise CommandError("--override wants a --reason, which is kept.", WRONG)
    return {"override": {"checks": list(checks), "reason": reason}}


async def carry_out(
    ask: Asked, repository: str, path: str, body: Mapping[str, Any], *, watch: bool
) -> None:
    """Ask for a deployment, and tell what has become of it."""
    if watch:
        from gitploy.following import to_its_end  # noqa: PLC0415 - takes a moment

        await to_its_end(ask, repository, lambda: ask.client.post(path, body, wait_s=0))
        return
    try:
        with ask.out.waiting("Waiting for the verifier and GitHub…"):
            told = await ask.client.post(path, body, wait_s=WAIT_S)
    except asyncio.CancelledError:
        ask.out.note(
            "It may be under way: `gitploy deployment list "
            f"{repository}` shows it, `gitploy deployment cancel` stops it."
        )
        raise
    ask.out.answer(told, lambda: taken(repository, told))


def taken(repository: str, told: Document) -> list[str]:
    """That it is under way, and how to follow it."""
    number, phase = told["number"], told["phase"]
    lines = [f"{repository} {_about(told)}: {phase}"]
    waits = told.get("waits_for") or {}
    if waits.get("message"):
        lines.append(f"  {waits['message']}")
    if phase not in ENDED:
        lines.append(f"Follow it: gitploy watch {repository} {number}")
    return lines


def _about(told: Document) -> str:
    """What goes where; an answer may know only its number yet."""
    if "env" not in told:
        return f"#{told['number']}"
    return f"{title(told)}, {what(told)}"
