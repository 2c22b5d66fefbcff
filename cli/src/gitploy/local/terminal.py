"""What a person sees: how to begin, and then each deployment's steps as they come."""

import json
import shlex
from collections.abc import AsyncIterator, Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from gitploy.local.repository import Chosen
from gitploy.steps import Step, Steps
from gitploy.text import printable


class Terminal:
    def __init__(self) -> None:
        # Lines are never broken: a pasted one has to work.
        self._console = Console(soft_wrap=True, highlight=False, markup=False)

    def say(self, sentence: str) -> None:
        self._console.print(sentence, style="dim")

    def welcome(self, chosen: Chosen, ready: Mapping[str, str]) -> None:
        """What runs where, and the first thing to try."""
        show = self._console.print
        show(f"Gitploy runs at {ready['gateway_url']} for {chosen.name}.", style="bold")
        show(f"GitHub's stand-in over {chosen.path} is at {ready['github_url']}.")
        if chosen.remark:
            show(chosen.remark, style="yellow")
        show("\nDeploy a branch from another terminal:\n")
        show(f"  {curl(chosen, ready)}\n", style="bold cyan")
        show("Its steps are shown here. Ctrl-C stops everything.")
        show(f"From this folder the same is `{words(chosen)}`.")
        if chosen.walkthrough:
            show(f"{chosen.walkthrough} leads through the rules, one by one.")
        show("")

    async def follow(self, events: AsyncIterator[tuple[str, dict[str, Any]]]) -> None:
        """Show the steps of all deployments, for ever."""
        steps = Steps()
        async for event, document in events:
            if step := steps.of(event, document):
                self.show(step)

    def show(self, step: Step) -> None:
        self._console.print(_line(step))


def words(chosen: Chosen) -> str:
    """The same with our own command, which finds what runs in the folder."""
    deploy = ["gitploy", "deploy", chosen.name, chosen.environment, chosen.branch]
    return shlex.join([*deploy, "--watch"])


def curl(chosen: Chosen, ready: Mapping[str, str]) -> str:
    """The command that deploys the branch."""
    body = {"type": "branch", "ref": chosen.branch, "env": chosen.environment}
    url = f"{ready['gateway_url']}/api/v1/repos/{chosen.name}/deployments"
    words = ["curl", "-X", "POST", url, "-H", f"Authorization: Bearer {ready['token']}"]
    return shlex.join([*words, "-d", json.dumps(body)])


def _line(step: Step) -> Text:
    number = "" if step.number is None else f"#{step.number}"
    line = Text(f"{step.time}  {number:<5} ", style="dim")
    where = f"{printable(step.environment):<12} {printable(step.ref):<26} "
    line.append(where, style="default not dim")
    line.append(f"{printable(step.word):<10} ", style=f"{step.style} not dim")
    line.append(printable(step.sentence), style="default not dim")
    if step.url:
        line.append(f"  {step.url}", style="underline")
    return line
