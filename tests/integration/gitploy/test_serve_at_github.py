"""`gitploy serve` from settings alone to a deployment that succeeds, for a newcomer.

GitHub is the sandbox, in a process and at an address of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from gitploy.local.kept import free_port
from tests.acceptance.system import HTTP, PATIENCE_S, eventually
from tests.integration.github_sandbox.signing import APP, PEM, PUBLIC
from tests.integration.system.world import CONFIG, REPOSITORY, make_repository

API_TOKEN, ADMIN, TOOL, SECRET = "api-token", "admins-token", "tools-token", "secret"
AS_APP = {
    "GITPLOY_GITHUB_APP_CLIENT_ID": APP.client.id,
    # As where a setting can't have several lines.
    "GITPLOY_GITHUB_APP_PRIVATE_KEY": PEM.replace("\n", "\\n"),
}
AS_SOMEBODY = {"GITPLOY_GITHUB_TOKEN": ADMIN}


def started(*words: str, env: Mapping[str, str], cwd: Path) -> subprocess.Popen[bytes]:
    bare = {k: v for k, v in os.environ.items() if not k.startswith("GITPLOY_")}
    return subprocess.Popen(
        [sys.executable, "-m", *words],
        env={**bare, "XDG_CONFIG_HOME": str(cwd / "config"), **env},
        cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


@dataclass
class Newcomer:
    """Somebody in an empty folder."""

    folder: Path
    gateway: str
    github: str
    settings: Mapping[str, str]

    def gitploy(self, *words: str, said: str = "") -> str:
        """A command, with what the services are told still in the environment."""
        process = started("gitploy", *words, env=self.settings, cwd=self.folder)
        out, errors = process.communicate(said.encode(), timeout=PATIENCE_S)
        assert process.returncode == 0, (words, out, errors)
        return out.decode()

    def at_github(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.github}/repos/{REPOSITORY}/{path}"
        bearer = {"Authorization": f"Bearer {TOOL}"}
        answer = HTTP.request(method, url, json=body, headers=bearer)
        assert answer.is_success, answer.text
        return answer.json()


def answers(url: str) -> bool:
    try:
        return HTTP.get(url).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(params=[AS_SOMEBODY, AS_APP], ids=["token", "app"])
def newcomer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Newcomer]:
    at_github, here = free_port(), free_port()
    github, gateway = f"http://127.0.0.1:{at_github}", f"http://127.0.0.1:{here}"
    make_repository(tmp_path / "shop.git", CONFIG)
    sandbox = {
        "GITPLOY_SANDBOX_TOKENS": f"{ADMIN}=admin,{TOOL}=deploy-tool",
        "GITPLOY_SANDBOX_APP_CLIENT_ID": APP.client.id,
        "GITPLOY_SANDBOX_APP_PUBLIC_KEY": PUBLIC.decode(),
        "GITPLOY_SANDBOX_APP_HOOK_URL": f"{gateway}/hooks",
        "GITPLOY_SANDBOX_APP_HOOK_SECRET": SECRET,
        "GITPLOY_SANDBOX_REPOSITORY": str(tmp_path / "shop.git"),
        "GITPLOY_SANDBOX_NAME": REPOSITORY,
        "GITPLOY_SANDBOX_DATA": str(tmp_path / "sandbox"),
        "GITPLOY_SANDBOX_PORT": str(at_github),
    }
    settings = request.param | {
        "GITPLOY_API_TOKEN": API_TOKEN,
        "GITPLOY_WEBHOOK_SECRET": SECRET,
        "GITPLOY_HOOKS_URL": f"{gateway}/hooks",
        "GITPLOY_GITHUB_API_URL": github,
        "GITPLOY_HTTP_PORT": str(here),
    }
    processes = [
        started("github_sandbox", env=sandbox, cwd=tmp_path),
        started("gitploy", "serve", env=settings, cwd=tmp_path),
    ]
    try:
        for url in (f"{github}/readyz", f"{gateway}/readyz"):
            eventually(partial(answers, url), bool)
        yield Newcomer(tmp_path, gateway, github, settings)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def test_from_settings_alone_to_a_deployment_that_succeeds(newcomer: Newcomer) -> None:
    gitploy = newcomer.gitploy
    gitploy("login", "--host", newcomer.gateway, "--with-token", said=API_TOKEN)
    assert "active: yes" in gitploy("repo", "activate", REPOSITORY)
    gitploy("deploy", REPOSITORY, "production", "main")
    (made,) = newcomer.at_github("GET", "deployments")
    newcomer.at_github(
        "POST", f"deployments/{made['id']}/statuses", {"state": "success"}
    )
    assert "success" in gitploy("watch", REPOSITORY, "1")
    told = gitploy("doctor", REPOSITORY).splitlines()
    assert {line.split("\t")[0] for line in told} == {"good"}
    looked_at = [line.split("\t")[1] for line in told]
    assert looked_at[-3:] == ["webhook", "secret", "delivery"]
