"""What must be true after whatever has happened."""

import os
import subprocess
import sys
from typing import Any

from .system import REPOSITORY, System, eventually

FINAL = {"success", "failure", "error", "canceled", "rejected", "refused", "gone"}


def check_all(system: System) -> None:
    """One GitHub deployment each, nobody waits, nothing is dead, a rebuild agrees."""
    deployments = eventually(
        lambda: everything(system), lambda all_: {d["phase"] for d in all_} <= FINAL
    )
    made = [each["payload"]["gitploy"]["deployment_id"] for each in system.at_github()]
    assert len(made) == len(set(made)), "GitHub has two for one of ours"
    started = {d["uuid"] for d in deployments if d["phase"] in {"success", "failure"}}
    assert started <= set(made)
    assert run(system, "dead-letters", "list", "--json").strip() == "[]"
    run(system, "projections", "rebuild")
    assert everything(system) == deployments


def everything(system: System) -> list[dict[str, Any]]:
    """All deployments as the API shows them, oldest first, each with its statuses."""
    base, page = f"/repos/{REPOSITORY}/deployments", 1
    found: list[dict[str, Any]] = []
    while batch := system.api.get(base, params={"page": page, "per_page": 100}).json():
        found.extend(batch)
        page += 1
    for each in found:
        each["statuses"] = system.api.get(f"{base}/{each['number']}/statuses").json()
    return sorted(found, key=lambda each: int(each["number"]))


def run(system: System, *command: str) -> str:
    """`gitploy COMMAND`, as an operator would."""
    env = {
        **os.environ,
        "GITPLOY_AMQP_URL": system.amqp_url,
        "GITPLOY_DATABASE_URL": system.database_url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "gitploy.main", *command],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
