"""What must be true after whatever has happened."""

import asyncio
from functools import partial
from typing import Any

from api_gateway.domain.deadlines import Limits
from api_gateway.read_model import rebuild
from shared.messaging import DeadLetter, RabbitBus
from shared.store import Store

from .system import GATEWAY, System, eventually, marker_of

FINAL = {"success", "failure", "error", "canceled", "rejected", "refused", "gone"}


def check_all(system: System) -> None:
    """One GitHub deployment each, nobody waits, nothing is dead, a rebuild agrees."""
    eventually(
        lambda: {d["id"]: d["phase"] for d in deployments_of(system)},
        lambda phases: set(phases.values()) <= FINAL,
    )
    eventually(lambda: everything(system), partial(told_all, system))
    # Read again, in peace: rows and statuses are pages that come one after another.
    deployments = everything(system)
    made = [marked for each in system.at_github() if (marked := marker_of(each))]
    assert len(made) == len(set(made)), "GitHub has two for one of ours"
    started = {d["uuid"] for d in deployments if d["phase"] in {"success", "failure"}}
    assert started <= set(made)
    assert asyncio.run(dead_letters(system)) == []
    asyncio.run(rebuild_read_model(system))
    assert everything(system) == deployments


def told_all(system: System, deployments: list[dict[str, Any]]) -> bool:
    """Whether each status that GitHub has is known: webhooks may come late."""
    there = {
        status["id"]
        for deployment in system.at_github()
        if marker_of(deployment)
        for status in system.statuses_at_github(deployment["id"])
        if status["state"] != "inactive"  # GitHub sends no webhook for it
    }
    known = {s["github_status_id"] for d in deployments for s in d["statuses"]}
    return there <= known


async def dead_letters(system: System) -> list[DeadLetter]:
    bus = RabbitBus(system.amqp_url)
    try:
        return await bus.dead_letters()
    finally:
        await bus.close()


async def rebuild_read_model(system: System) -> None:
    """As `gitploy projections rebuild` does it."""
    store = Store.open(GATEWAY, system.database_url)
    try:
        await rebuild(store, Limits())
    finally:
        store.close()


def everything(system: System) -> list[dict[str, Any]]:
    """All deployments, each with its statuses."""
    found = deployments_of(system)
    for each in found:
        each["statuses"] = system.statuses(each["number"])
    return found


def deployments_of(system: System) -> list[dict[str, Any]]:
    """All of ours as the API shows them, oldest first."""
    base, page = f"/repos/{system.named}/deployments", 1
    found: list[dict[str, Any]] = []
    while batch := system.api.get(base, params={"page": page, "per_page": 100}).json():
        found.extend(each for each in batch if not each["foreign"])
        page += 1
    return sorted(found, key=lambda each: int(each["number"]))
