"""Two replicas of every service that speak as a GitHub App: one dies, each ends once.

Installation tokens end all the time, so each replica trades for new ones under way.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.integration.github_sandbox.signing import APP, PEM

from .invariants import check_all, deployments_of
from .system import DISPATCHER, SANDBOX, SECRET, STATUS_SYNC, TOOL, System, eventually

DEPLOYMENTS = 24
DISPATCHERS = (DISPATCHER, f"{DISPATCHER}.2")


@dataclass
class AsApp(System):
    replicas: int = 2
    #: Only the tool's: the App's own webhook hears of all.
    hooks: int = 1

    def _environment(self, name: str) -> dict[str, str]:
        told = super()._environment(name)
        if name == SANDBOX:
            app = {
                "CLIENT_ID": APP.client.id,
                "CLIENT_SECRET": APP.client.secret,
                "CALLBACK_URL": APP.client.callback_url,
                "PUBLIC_KEY": APP.public_key,
                "HOOK_URL": f"{self.url(STATUS_SYNC)}/hooks",
                "HOOK_SECRET": SECRET,
            }
            return {**told, **{f"GITPLOY_SANDBOX_APP_{k}": v for k, v in app.items()}}
        if name != TOOL:
            del told["GITPLOY_GITHUB_TOKEN"]
            told["GITPLOY_GITHUB_APP_CLIENT_ID"] = APP.client.id
            told["GITPLOY_GITHUB_APP_PRIVATE_KEY"] = PEM
        return told


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    module_amqp_url: str,
    module_database_url: str,
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    system = AsApp(folder, module_amqp_url, module_database_url)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def test_all_succeed_once_though_the_dispatcher_dies(system: System) -> None:
    # They are replaced five minutes before their end: nearly at once.
    system.faults(app={"token_life_s": 301.0})
    system.plan_crash(DISPATCHER, "store.after:AttemptStarted")
    with ThreadPoolExecutor(8) as people:
        envs = ["staging"] * DEPLOYMENTS
        answers = list(people.map(lambda env: system.deploy(env, wait_s=0), envs))
    numbers = {answer.json()["number"] for answer in answers}
    assert len(numbers) == DEPLOYMENTS
    (dead,) = eventually(lambda: _dead(system), bool)
    system.wait_for_crash(dead)
    all_ = eventually(
        lambda: deployments_of(system),
        lambda shown: {each["phase"] for each in shown} == {"success"},
    )
    assert {each["number"] for each in all_} == numbers
    there = system.at_github()
    assert len(there) == DEPLOYMENTS
    assert {each["creator"]["login"] for each in there} == {APP.login}
    check_all(system)


def _dead(system: System) -> list[str]:
    return [n for n in DISPATCHERS if system.processes[n].poll() is not None]
