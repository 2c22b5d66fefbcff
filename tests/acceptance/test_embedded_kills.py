"""The embedded system dies at random moments, and nothing is lost or doubled."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from .command import Running
from .system import HTTP, eventually

DEPLOYMENTS = 50
KILLS = 4


class Restarted:
    """The demo, again and again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running = Running("demo", folder)
        self.ready = self.running.wait_until_ready()

    def kill(self) -> None:
        self.running.kill()
        self.running = Running("demo", self.folder)
        self.running.wait_until_ready()

    def deploy(self, key: int) -> int:
        """Ask until there is an answer, as a careful client does; gives the number."""
        body = {"type": "branch", "ref": "main", "env": "dev"}
        headers = {"Idempotency-Key": f"deployment-{key}", "Prefer": "wait=0"}

        def ask() -> int:
            try:
                answer = self.call("POST", "/deployments", json=body, headers=headers)
            except httpx.TransportError:
                return 0
            return int(answer.json()["number"]) if answer.is_success else 0

        return eventually(ask, bool, 200)

    def all_ended(self) -> list[dict[str, Any]]:
        def ended(shown: list[dict[str, Any]]) -> bool:
            return all(each["phase"] == "success" for each in shown)

        return eventually(self.running.deployments, ended)

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        url = f"{self.ready['gateway_url']}/api/v1/repos/{self.ready['repository']}"
        headers = {"Authorization": f"Bearer {self.ready['token']}"}
        headers |= options.pop("headers", {})
        return HTTP.request(method, url + path, headers=headers, **options)

    def at_github(self) -> list[str]:
        """Whose deployments GitHub has."""
        answer = HTTP.get(
            f"{self.ready['github_url']}/repos/{self.ready['repository']}/deployments",
            params={"per_page": 100},
            headers={"Authorization": f"Bearer {self.ready['github_token']}"},
        )
        return [d["payload"]["gitploy"]["deployment_id"] for d in answer.json()]


def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    print(f"random.Random({seed})")  # noqa: T201 - to see it again
    moments = random.Random(seed)
    system = Restarted(tmp_path)
    try:
        with ThreadPoolExecutor(8) as people:
            asked = [people.submit(system.deploy, n) for n in range(DEPLOYMENTS)]
            for kill in range(KILLS):
                least = (kill * DEPLOYMENTS) // (KILLS + 1) + moments.randrange(8)
                eventually(
                    lambda least=least: sum(a.done() for a in asked) >= least,  # type: ignore[misc]
                    bool,
                    200,
                )
                system.kill()
            numbers = [each.result() for each in asked]
        deployments = system.all_ended()
        assert sorted(numbers) == list(range(1, DEPLOYMENTS + 1))
        assert {each["number"] for each in deployments} == set(numbers)
        assert sorted(system.at_github()) == sorted(d["uuid"] for d in deployments)
        assert system.running.gitploy("dead-letters", "list", "--json").strip() == "[]"
        before, after = system.running.made_again()
        assert after == before
    finally:
        assert system.running.stop() == 0, system.running.output
