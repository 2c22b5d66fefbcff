"""A system with two replicas of every service, and what the world does to it."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx

from github_sandbox.settings import stable_number
from shared.contracts import Fact, Repository
from shared.store import Store
from verifier.domain.environment import environment_id

from .pushing import git, push
from .system import GATEWAY, REPOSITORY, VERIFIER, System, eventually

GATEWAYS = (GATEWAY, f"{GATEWAY}.2")
#: Nothing but the test that waits for it comes to the frozen window.
OPENS_IN, HOLDS = timedelta(hours=3), timedelta(hours=1)
REWRITTEN = """\
    description: As it was shown
    review:
      enabled: true
      reviewers: [reader]
"""
OTHERS = "[reader]", "[admin]"
CONFIG = f"""\
envs:
  - name: line
    serialization: true
    queue: true
  - name: place
    serialization: true
  - name: open
    description: As it was verified
  - name: sent-at-once
    review:
      enabled: true
      reviewers: [reader]
      on_approval: deploy
  - name: reviewed
    review:
      enabled: true
      reviewers: [reader]
  - name: rewritten
{REWRITTEN}  - name: museum
    serialization: true
    queue: true
    frozen_windows: &closed
      - start: "{{minute}} {{hour}} * * *"
        duration: 1h
  - name: gallery
    review:
      enabled: true
      reviewers: [reader]
    frozen_windows: *closed
"""
#: No tool ever answers before the tests do, however much time they let pass.
PATIENT = {"GITPLOY_TOOLING_TIMEOUT_S": "1000000"}


def config() -> str:
    """The rules of environments; one is frozen for a while from now."""
    opens = datetime.now(UTC) + OPENS_IN
    return CONFIG.format(minute=opens.minute, hour=opens.hour)


def at_once(*asks: Callable[[], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(asks)) as people:
        return [done.result() for done in [people.submit(ask) for ask in asks]]


@contextmanager
def paused(system: System, service: str) -> Iterator[None]:
    """No replica of it does anything for a while."""
    its = [p for n, p in system.processes.items() if n.partition(".")[0] == service]
    for process in its:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in its:
            process.send_signal(signal.SIGCONT)


def change_rules(system: System, old: str, new: str) -> None:
    """Push another `deploy.yml` to the default branch."""
    rules = git(system.repository, "show", "main:deploy.yml")
    assert old in rules
    text = rules.replace(old, new)
    push(system.repository, system.dir, "main", text, file="deploy.yml")


def rename(system: System, full_name: str) -> None:
    """At GitHub, until Gitploy calls it so, too."""
    name = full_name.partition("/")[2]
    url = f"/repos/{system.named}"
    system.github.patch(url, json={"name": name}).raise_for_status()
    system.named = full_name
    ours = f"/repos/{full_name}"
    eventually(lambda: system.api.get(ours).status_code, lambda code: code == 200)


def recorded(system: System, env: str) -> list[Fact]:
    """What the verifier has recorded about an environment, in its order."""
    repository = Repository(id=stable_number(REPOSITORY), full_name=REPOSITORY)

    async def read() -> list[Fact]:
        store = Store.open(VERIFIER, system.database_url)
        try:
            rows = await store.read(environment_id(repository, env))
        finally:
            store.close()
        return [row.message.data for row in rows]

    return asyncio.run(read())
