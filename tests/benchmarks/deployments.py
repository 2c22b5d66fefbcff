"""How long a deployment takes, and how many survive a crowd.

The services run as processes of their own on PostgreSQL and RabbitMQ, over GitHub's
stand-in, which answers at once or after 100 ms. Two times are taken from a person's
POST: to the create's arrival at GitHub (both on the machine's monotonic clock), and to
the answer. GitHub's own time lies in both: one question before the create, and the
create itself before the answer.
"""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tests.acceptance.system import REPOSITORY, System, eventually

DEPLOYMENTS = 100
CROWD, AT_ONCE = 64, 16
CREATE = ("POST", f"/repos/{REPOSITORY}/deployments")
#: The original's answer with GitHub at 100 ms, and our goals, in milliseconds.
ORIGINAL_MS, ANSWER_GOAL_MS, OVERHEAD_GOAL_MS = 311, 235, 30
PREFLIGHTS, PREFLIGHT_GOAL_MS = 200, 20


@dataclass(frozen=True)
class Times:
    """Milliseconds of each deployment."""

    to_create: list[float]
    to_answer: list[float]


def sandbox_requests(system: System) -> list[dict[str, Any]]:
    return list(system.github.get("/_sandbox/requests").json())


def creates(system: System) -> list[dict[str, Any]]:
    found = sandbox_requests(system)
    return [each for each in found if (each["method"], each["path"]) == CREATE]


def deploy_one_by_one(system: System) -> Times:
    to_create, to_answer = [], []
    for _ in range(DEPLOYMENTS):
        before = len(creates(system))
        began = time.monotonic()
        answer = system.deploy(env="staging", wait_s=30)
        ended = time.monotonic()
        if answer.status_code != 201:
            raise RuntimeError(answer.text)
        arrived = creates(system)[before]["at"]
        to_create.append((arrived - began) * 1000)
        to_answer.append((ended - began) * 1000)
    return Times(to_create, to_answer)


def line(name: str, milliseconds: list[float], github_ms: float) -> str:
    p50 = statistics.median(milliseconds)
    p99 = statistics.quantiles(milliseconds, n=100)[98]
    return (
        f"{name}: p50 {p50:.0f} ms, p99 {p99:.0f} ms "
        f"(GitHub's own {github_ms:.0f} ms, ours {p50 - github_ms:.0f} ms at p50)"
    )


def measure_latency(system: System) -> list[str]:
    lines = []
    for delay_ms in (0, 100):
        system.faults(answers={"delay_s": delay_ms / 1000})
        times = deploy_one_by_one(system)
        name = f"GitHub at {delay_ms} ms, POST to "
        lines.append(line(f"{name}create", times.to_create, delay_ms))
        lines.append(line(f"{name}answer", times.to_answer, 2 * delay_ms))
    system.no_faults()
    ratio = ORIGINAL_MS / statistics.median(times.to_answer)
    lines.append(
        f"goals: create within GitHub's time + {OVERHEAD_GOAL_MS} ms, answer within "
        f"{ANSWER_GOAL_MS} ms at 100 ms; the original's answer takes {ratio:.2f} x ours"
    )
    return lines


def measure_preflight(system: System) -> list[str]:
    """Questions that travel on the bus and are not recorded, one after the other."""
    path = f"/repos/{REPOSITORY}/environments/staging/preflight"
    lines = []
    for delay_ms in (0, 100):
        system.faults(answers={"delay_s": delay_ms / 1000})
        times = []
        for _ in range(PREFLIGHTS):
            began = time.monotonic()
            answer = system.api.get(path, params={"type": "branch", "ref": "main"})
            times.append((time.monotonic() - began) * 1000)
            answer.raise_for_status()
        lines.append(line(f"GitHub at {delay_ms} ms, preflight", times, delay_ms))
    system.no_faults()
    return [*lines, f"goal: p50 within GitHub's time + {PREFLIGHT_GOAL_MS} ms"]


def measure_crowd(system: System) -> str:
    """64 deployments, 16 at a time: how many both sides know of."""
    before = len(system.at_github())
    with ThreadPoolExecutor(AT_ONCE) as people:
        answers = list(people.map(lambda _: system.deploy(env="staging"), range(CROWD)))
    numbers = [answer.json()["number"] for answer in answers]
    known = [system.ends(number, "created") for number in numbers]
    there = len(system.at_github()) - before
    return (
        f"{CROWD} deployments, {AT_ONCE} at a time: "
        f"{len({d['uuid'] for d in known})} known to Gitploy, {there} at GitHub"
    )


def measure_calls(system: System) -> str:
    """Calls to GitHub for one deployment without a tool."""
    before = len(sandbox_requests(system))
    number = system.deploy(env="staging").json()["number"]
    eventually(lambda: system.deployment(number)["phase"], lambda p: p == "created")
    calls = [f"{c['method']} {c['path']}" for c in sandbox_requests(system)[before:]]
    return f"calls to GitHub per deployment: {', '.join(calls)}"
