"""Deployments followed live: their steps as they come, with links to the logs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from typing import Any, Final

from gitploy.asking import Asked
from gitploy.failing import UNREACHED, CommandError
from gitploy.live import AGAIN_AT_MOST_S, AGAIN_S, AWAY, OPEN, PING, RELOAD, events
from gitploy.local.terminal import Terminal
from gitploy.paths import of_repository
from gitploy.refusals import against
from gitploy.showing import ENDED, title
from gitploy.steps import Steps, clock

Document = Mapping[str, Any]
#: Nothing is told, or not all: a moment to look whether anything was missed.
LOOK: Final = frozenset({PING, RELOAD})
#: What it waits for, where that has no sentence of its own.
FOR: Final = {"verification": "the verifier", "tooling": "the deployment tool"}
GONE: Final = "The gateway gives no answer; it is tried again. Ctrl-C stops watching."


async def to_its_end(
    ask: Asked, repository: str, begin: Callable[[], Awaitable[Document]]
) -> None:
    """Follow a deployment from where it begins, or is, until it has ended.

    `begin` gives it; by then whatever happens to it is already listened for.

    Raises:
        CommandError: It did not succeed.
    """
    follower = Follower(ask, repository)
    number: int | None = None
    try:
        async with aclosing(events(ask.client)) as heard:
            async for event, document in heard:
                if event == OPEN:
                    told = await begin()
                    number = told["number"]
                    follower.begin(told)
                elif number is not None:
                    await follower.hear(event, document, number)
                if follower.ended:
                    break
    except asyncio.CancelledError:
        if number is not None:
            ask.out.note(
                f"#{number} goes on: `gitploy watch {repository} {number}` follows it, "
                f"`gitploy deployment cancel {repository} {number}` stops it."
            )
        raise
    finally:
        follower.close()
    if number is None:
        raise CommandError("The gateway's live events have ended: try again.")
    await _outcome(ask, repository, number)


class Follower:
    """One deployment's steps, and what it waits for beneath them."""

    def __init__(self, ask: Asked, repository: str) -> None:
        self._ask = ask
        self._repository = repository
        self._steps = Steps()
        self._terminal = Terminal()
        self._waiting: AbstractContextManager[Any] = nullcontext()
        self.ended = False

    def begin(self, deployment: Document) -> None:
        self._tell("deployment", deployment)
        for status in deployment["edges"].get("deployment_statuses") or ():
            edges = {**status["edges"], "deployment": deployment}
            self._tell("deployment_status", {**status, "edges": edges})
        self._stands(deployment)

    async def hear(self, event: str, document: Document, number: int) -> None:
        if event == AWAY:
            self._wait(GONE)
            return
        if event in LOOK:
            path = of_repository(self._repository, "deployments", number)
            self.close()
            event, document = "deployment", await _looked(self._ask, path)
        deployment = subject(event, document)
        if deployment is None or deployment["number"] != number:
            return
        if repository_in(document) not in {None, self._repository.casefold()}:
            return
        self._tell(event, document)
        self._stands(deployment)

    def close(self) -> None:
        self._waiting.__exit__(None, None, None)
        self._waiting = nullcontext()

    def _tell(self, event: str, document: Document) -> None:
        step = self._steps.of(event, document)
        if step and not self._ask.out.for_programs:
            self.close()
            self._terminal.show(step)

    def _stands(self, deployment: Document) -> None:
        self.close()
        self.ended = deployment["phase"] in ENDED
        if not self.ended:
            self._wait(_waits(deployment))

    def _wait(self, sentence: str) -> None:
        self.close()
        self._waiting = self._ask.out.waiting(sentence)
        self._waiting.__enter__()


async def everything(
    ask: Asked, repository: str
) -> AsyncIterator[tuple[str, Document]]:
    """All events of a repository, and that some were missed."""
    async with aclosing(events(ask.client)) as heard:
        async for event, document in heard:
            if event == AWAY:
                ask.out.note(GONE)
            elif event == RELOAD:
                shown = f"`gitploy deployment list {repository}` shows what there is."
                ask.out.note(f"{document['message']} {shown}")
                yield event, document
            elif event in {OPEN, PING}:
                continue
            elif repository_in(document) == repository.casefold():
                yield event, document


def subject(event: str, document: Document) -> Document | None:
    """The deployment that an event is about."""
    if event == "deployment":
        return document
    found: Document | None = (document.get("edges") or {}).get("deployment")
    return found


def repository_in(document: Document) -> str | None:
    """`owner/name` in lower case, if the document names its repository."""
    edges = document.get("edges") or {}
    inner = (edges.get("deployment") or {}).get("edges") or {}
    repo = edges.get("repo") or inner.get("repo")
    return f"{repo['namespace']}/{repo['name']}".casefold() if repo else None


def _waits(deployment: Document) -> str:
    waits = deployment["waits_for"] or {}
    for_ = FOR.get(waits.get("what", ""), "GitHub")
    what = waits.get("message") or f"It waits for {for_}."
    # It stands there until there is news, so it says no distance in time.
    since = f" (since {clock(waits['since'])})" if waits.get("since") else ""
    return f"#{deployment['number']} {deployment['phase']}: {what}{since}"


async def _looked(ask: Asked, path: str) -> Document:
    """What is there, once the gateway answers: meanwhile nothing is lost.

    Raises:
        CommandError: It answers that there is nothing for us.
    """
    pause = AGAIN_S
    while True:
        try:
            found: Document = await ask.client.get(path)
        except CommandError as error:
            if error.code != UNREACHED:
                raise
        else:
            return found
        with ask.out.waiting(GONE):
            await asyncio.sleep(pause)
        pause = min(pause * 2, AGAIN_AT_MOST_S)


async def _outcome(ask: Asked, repository: str, number: int) -> None:
    """The deployment as it ended.

    Raises:
        CommandError: Otherwise than it should have.
    """
    told = await _looked(ask, of_repository(repository, "deployments", number))
    if ask.out.for_programs:
        ask.out.document(told)
    if told["phase"] == "success":
        ask.out.note(f"{title(told)} has succeeded.")
        return
    message = f": {told['message']}" if told["message"] else "."
    log = [f"Its log: {told['log_url']}"] if told["log_url"] else []
    raise CommandError(
        f"{title(told)} has ended as {told['phase']}{message}",
        more=[
            *against(told),
            *log,
            f"`gitploy explain {repository} {number}` says more.",
        ],
    )
