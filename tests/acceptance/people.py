"""What people ask for and decide, where the tests say what a tool would."""

from typing import Any

import httpx

from .system import System


def deploy(
    system: System, env: str, who: str = "deployer", ref: str = "main", **more: Any
) -> httpx.Response:
    wanted = {"type": "branch", "ref": ref, "env": env, **more}
    return system.ask(who, "POST", "/deployments", **wanted)


def deployed(system: System, env: str, who: str = "deployer", **more: Any) -> int:
    """Until GitHub has it."""
    answer = deploy(system, env, who, **more)
    assert answer.status_code in {201, 202}, answer.text
    number = number_of(answer)
    system.ends(number, "created")
    return number


def succeeds(system: System, number: int) -> dict[str, Any]:
    system.tool_says(number)
    return system.ends(number, "success")


def approve(
    system: System, shown: dict[str, Any], who: str, **more: Any
) -> httpx.Response:
    path = f"/deployments/{shown['number']}/review"
    wanted = {"status": "approved", **pair_of(shown), **more}
    return system.ask(who, "PATCH", path, **wanted)


def send(system: System, shown: dict[str, Any], **more: Any) -> httpx.Response:
    """Send what has its approvals."""
    path = f"/deployments/{shown['number']}"
    return system.ask("deployer", "PUT", path, **pair_of(shown), **more)


def pair_of(shown: dict[str, Any]) -> dict[str, Any]:
    """What is approved: this commit under these rules."""
    return {"sha": shown["sha"], "config_digest": shown["config_digest"]}


def number_of(answer: httpx.Response) -> int:
    return int(answer.json()["number"])


def refused(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def queue(system: System, env: str) -> list[int]:
    """Who waits in line."""
    waiting = system.ask("reader", "GET", f"/environments/{env}/queue").json()
    return [int(each["number"]) for each in waiting]
