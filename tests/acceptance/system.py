"""The whole system as real processes, for tests that kill them.

Four services (one replica of each, or more) on a real RabbitMQ and PostgreSQL, GitHub's
stand-in over a real git repository, and the example deployment tool. A process that
dies of a planned crash is started again, as an operator's supervisor would.
"""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import pygit2

from github_sandbox.settings import SAMPLE_PEOPLE, stable_number
from gitploy.local.kept import free_port

T = TypeVar("T")
GATEWAY: Final = "api-gateway"
VERIFIER: Final = "verifier"
DISPATCHER: Final = "github-dispatcher"
STATUS_SYNC: Final = "status-sync"
SERVICES: Final = (GATEWAY, VERIFIER, DISPATCHER, STATUS_SYNC)
SANDBOX: Final = "github-sandbox"
TOOL: Final = "deploy-tool"
REPOSITORY: Final = "octo/shop"
API_TOKEN: Final = "the-gateway-token"
SECRET: Final = "the-webhook-secret"
#: Those that the sandbox knows, each with a token of their own.
PEOPLE: Final = tuple(SAMPLE_PEOPLE)
API_TOKENS: Final = json.dumps(
    [{"token": f"of-{p}", "login": p, "id": stable_number(p)} for p in PEOPLE]
)
#: Each has its own account at GitHub.
GITHUB_TOKEN: Final = "ghs_gitploy"
TOOL_TOKEN: Final = "ghs_tool"
CONFIG: Final = """\
envs:
  - name: production
    serialization: true
    production_environment: true
  - name: staging
  - name: broken
"""
#: Short enough for a test, long enough for two busy cores.
LIMITS: Final = {
    "GITPLOY_DISPATCH_POST_S": "3",
    "GITPLOY_DISPATCH_SPARE_S": "2",
    "GITPLOY_GITHUB_WRITES_PER_MINUTE": "100000",
    "GITPLOY_GITHUB_WRITES_BURST": "1000",
    "GITPLOY_ASK_AGAIN_S": "3",
    "GITPLOY_CANCEL_GRACE_S": "3",
}
LOOK_EVERY_S = 0.05
#: What `post_status_webhook` tells of. GitHub itself doesn't have it.
TOLD_STATUS: Final = 999_999_999
#: Not how long it should take: how long a machine that does much else may need.
PATIENCE_S: Final = 120
#: The longest that an answer waits for what becomes of a request.
WAIT_S: Final = 60


#: Asks whoever is there. To make a client takes longer than a hundred questions, and
#: who waits asks often.
HTTP: Final = httpx.Client(
    timeout=PATIENCE_S, limits=httpx.Limits(max_keepalive_connections=0)
)


def patient(wait_s: int = WAIT_S) -> dict[str, str]:
    """The header that says how long an answer may wait for the outcome."""
    return {"Prefer": f"wait={wait_s}"}


def eventually(
    what: Callable[[], T], holds: Callable[[T], bool], timeout_s: float = PATIENCE_S
) -> T:
    """Look until it holds; fails with what was seen last."""
    deadline = time.monotonic() + timeout_s
    while True:
        seen = what()
        if holds(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_s} s it is still {seen!r}")
        time.sleep(LOOK_EVERY_S)


def marker_of(at_github: dict[str, Any]) -> str | None:
    """Which of our deployments this is at GitHub; none: somebody else made it."""
    payload = at_github["payload"]
    ours = payload.get("gitploy") if isinstance(payload, dict) else None
    return ours and str(ours["deployment_id"])


def make_repository(path: Path, config: str = CONFIG) -> None:
    """A git repository with `deploy.yml` on main and one branch beside it."""
    repository = pygit2.init_repository(str(path), bare=True, initial_head="main")
    who = pygit2.Signature("Octo", "octo@example.com")
    tree = repository.TreeBuilder()
    tree.insert("deploy.yml", repository.create_blob(config.encode()), 0o100644)
    first = repository.create_commit(
        "refs/heads/main", who, who, "Begin", tree.write(), []
    )
    repository.create_commit(
        "refs/heads/feature/cart", who, who, "Cart", tree.write(), [first]
    )


@dataclass
class System:
    """Starts, kills and asks the processes."""

    dir: Path
    amqp_url: str
    database_url: str
    replicas: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)
    config: str = CONFIG
    #: How many webhooks the repository has then: Gitploy's, and the tool's.
    hooks: int = 2
    #: What the repository is called now.
    named: str = REPOSITORY
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.crashes.mkdir(parents=True, exist_ok=True)
        self.ahead.write_text("0")
        self.ports = {n: free_port() for n in [*self.names, SANDBOX, TOOL]}
        self.api = httpx.Client(
            base_url=f"{self.url(GATEWAY)}/api/v1",
            headers={"Authorization": f"Bearer {API_TOKEN}", **patient()},
            timeout=PATIENCE_S,
        )
        self.github = httpx.Client(
            base_url=self.url(SANDBOX),
            headers={"Authorization": f"Bearer {GITHUB_TOKEN}"},
            timeout=PATIENCE_S,
        )

    @property
    def names(self) -> list[str]:
        """One name for each replica: `verifier`, `verifier.2` …"""
        more = [f"{s}.{k}" for k in range(2, self.replicas + 1) for s in SERVICES]
        return [*SERVICES, *more]

    @property
    def crashes(self) -> Path:
        """The orders to die: `entry` says how."""
        return self.dir / "crashes"

    @property
    def ahead(self) -> Path:
        """How many seconds the services' clocks are ahead."""
        return self.dir / "ahead"

    @property
    def repository(self) -> Path:
        """The one that GitHub has."""
        return self.dir / "shop.git"

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    # Life and death

    def start(self, *, tool: bool = True) -> None:
        make_repository(self.repository, self.config)
        for name in [SANDBOX, *self.names]:
            self.spawn(name)
        self.wait_until_ready()
        self.activate()
        if tool:
            self.spawn(TOOL)
            hooks = f"/repos/{REPOSITORY}/hooks"
            eventually(
                lambda: self.github.get(hooks).json(), lambda h: len(h) == self.hooks
            )

    def spawn(self, name: str) -> None:
        env = {**os.environ, **LIMITS, **self.settings, **self._environment(name)}
        with (self.dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", *self._command(name)],
                env=env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        if name == TOOL:
            # GitHub tells of a deployment once: a tool that isn't there misses it.
            eventually(self._tool_listens, bool)

    def _tool_listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports[TOOL])) == 0

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        self.api.close()
        self.github.close()

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is gone."""
        self.processes[name].kill()
        self._bury(name)

    def plan_crash(self, service: str, point: str) -> None:
        """Let a replica of it die where it passes this point next."""
        (self.crashes / f"{service}@{point}").touch()

    def now(self) -> datetime:
        """By the services' clocks."""
        ahead = float(self.ahead.read_text())
        return datetime.now(UTC) + timedelta(seconds=ahead)

    def pass_time(self, span: timedelta) -> None:
        """Put the services' clocks ahead. GitHub's goes on as it did."""
        ahead = float(self.ahead.read_text()) + span.total_seconds()
        written = self.ahead.with_suffix(".new")
        written.write_text(str(ahead))
        written.replace(self.ahead)

    def wait_for_crash(self, name: str) -> None:
        """Until the planned crash has happened; then start it again."""
        self.wait_for_death(name)
        self.revive(name)

    def wait_for_death(self, name: str) -> None:
        """Until the planned crash has happened."""
        code = self.processes[name].wait(PATIENCE_S)
        assert code == -9, f"{name} ended with {code}: {self.log(name)}"

    def revive(self, name: str) -> None:
        """Start again what has died."""
        self._bury(name)
        self.spawn(name)
        self.wait_until_ready()

    def _bury(self, name: str) -> None:
        process = self.processes.pop(name)
        process.wait(PATIENCE_S)
        if process.stdin:
            process.stdin.close()

    def log(self, name: str) -> str:
        return (self.dir / f"{name}.log").read_text()[-3000:]

    def wait_until_ready(self) -> None:
        for name in self.names:
            if name in self.processes:
                eventually(partial(self._lack, name), lambda lack: not lack)

    def _lack(self, name: str) -> str:
        """What it lacks to be ready; empty when it is."""
        code = self.processes[name].poll()
        assert code is None, f"{name} ended with {code}: {self.log(name)}"
        try:
            answer = HTTP.get(f"{self.url(name)}/readyz", timeout=5)
        except httpx.TransportError as error:
            return f"{name}: {error}"
        return "" if answer.status_code == 200 else f"{name}: {answer.text}"

    def _command(self, name: str) -> list[str]:
        if name == SANDBOX:
            return ["github_sandbox"]
        if name == TOOL:
            return [
                "deploy_tool", "--repository", REPOSITORY,
                "--github-url", self.url(SANDBOX), "--port", str(self.ports[TOOL]),
                "--directory", str(self.dir), "--step-seconds", "0",
                "--fail-environment", "broken",
            ]  # fmt: skip
        return ["tests.acceptance.entry", name.partition(".")[0]]

    def _environment(self, name: str) -> dict[str, str]:
        port = str(self.ports[name])
        if name == SANDBOX:
            return {
                "GITPLOY_SANDBOX_REPOSITORY": str(self.repository),
                "GITPLOY_SANDBOX_NAME": REPOSITORY,
                "GITPLOY_SANDBOX_DATA": str(self.dir / "sandbox"),
                "GITPLOY_SANDBOX_PORT": port,
                "GITPLOY_SANDBOX_TOKENS": f"{GITHUB_TOKEN}=gitploy,{TOOL_TOKEN}=tool",
            }
        if name == TOOL:
            return {
                "DEPLOY_TOOL_TOKEN": TOOL_TOKEN,
                "DEPLOY_TOOL_SECRET": "the-tools-secret",
            }
        return {
            "CRASHES": str(self.crashes),
            "AHEAD": str(self.ahead),
            "GITPLOY_STOP_ON_STDIN_EOF": "1",
            "GITPLOY_AMQP_URL": self.amqp_url,
            "GITPLOY_DATABASE_URL": self.database_url,
            "GITPLOY_HTTP_PORT": port,
            "GITPLOY_HOOKS_URL": f"{self.url(STATUS_SYNC)}/hooks",
            "GITPLOY_WEBHOOK_SECRET": SECRET,
            "GITPLOY_API_TOKEN": API_TOKEN,
            "GITPLOY_API_TOKENS": API_TOKENS,
            "GITPLOY_GITHUB_API_URL": self.url(SANDBOX),
            "GITPLOY_GITHUB_GRAPHQL_URL": f"{self.url(SANDBOX)}/graphql",
            "GITPLOY_GITHUB_WEB_URL": self.url(SANDBOX),
            "GITPLOY_GITHUB_TOKEN": GITHUB_TOKEN,
        }

    # What people do

    def activate(self) -> None:
        answer = self.api.patch(f"/repos/{self.named}", json={"active": True})
        assert answer.status_code == 200, answer.text

    def deploy(
        self, env: str = "production", ref: str = "main", wait_s: int = WAIT_S
    ) -> httpx.Response:
        return self.api.post(
            f"/repos/{self.named}/deployments",
            json={"type": "branch", "ref": ref, "env": env},
            headers=patient(wait_s),
        )

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        *,
        wait_s: int = WAIT_S,
        replica: str = GATEWAY,
        **body: Any,
    ) -> httpx.Response:
        """One of the people asks for something about the repository."""
        return self.api.request(
            method,
            f"{self.url(replica)}/api/v1/repos/{self.named}{path}",
            json=body or None,
            headers={"Authorization": f"Bearer of-{who}", **patient(wait_s)},
        )

    def tool_says(self, number: int, state: str = "success") -> None:
        """What the deployment tool does where none runs."""
        uid = self.ends(number, "created")["uid"]
        self.github.post(
            f"/repos/{self.named}/deployments/{uid}/statuses",
            json={"state": state},
            headers={"Authorization": f"Bearer {TOOL_TOKEN}"},
        ).raise_for_status()

    def deployment(self, number: int) -> dict[str, Any]:
        answer = self.api.get(f"/repos/{self.named}/deployments/{number}")
        if answer.status_code == 404:
            return {"phase": "not recorded yet"}
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ends(self, number: int, phase: str) -> dict[str, Any]:
        """Until this deployment is in this phase."""
        return eventually(
            lambda: self.deployment(number), lambda d: d["phase"] == phase
        )

    def deploys_again(self, env: str = "production") -> None:
        """Whoever tries now gets through: nobody holds the place for ever."""
        answer = eventually(lambda: self.deploy(env), lambda a: a.status_code == 201)
        self.ends(answer.json()["number"], "success")

    def cancel(self, number: int, wait_s: int = WAIT_S) -> httpx.Response:
        return self.api.post(
            f"/repos/{self.named}/deployments/{number}/cancel",
            json={"reason": "Wrong branch."},
            headers=patient(wait_s),
        )

    def statuses(self, number: int) -> list[dict[str, Any]]:
        answer = self.api.get(f"/repos/{self.named}/deployments/{number}/statuses")
        return list(answer.json())

    def statuses_at_github(self, github_deployment_id: int) -> list[dict[str, Any]]:
        path = f"/repos/{self.named}/deployments/{github_deployment_id}/statuses"
        return list(self.github.get(path, params={"per_page": 100}).json())

    def newest_state_at_github(self, github_deployment_id: int) -> str:
        """Empty as long as nobody has posted a status."""
        statuses = self.statuses_at_github(github_deployment_id)
        newest = max(statuses, key=lambda status: status["id"], default={"state": ""})
        return str(newest["state"])

    def deliver_to_gitploy(self, *, active: bool) -> None:
        """Whether Gitploy's hook gets anything; the tool's goes on."""
        path = f"/repos/{self.named}/hooks"
        for hook in self.github.get(path).json():
            if hook["config"]["url"] == f"{self.url(STATUS_SYNC)}/hooks":
                change = {"active": active}
                self.github.patch(
                    f"{path}/{hook['id']}", json=change
                ).raise_for_status()

    def post_status_webhook(self) -> httpx.Response:
        """A signed webhook about the newest deployment that GitHub has."""
        deployment = self.at_github()[0]
        repository = self.github.get(f"/repos/{self.named}").json()
        status = {
            "id": TOLD_STATUS, "state": "inactive", "description": "",
            "environment": deployment["environment"], "creator": None,
            "created_at": "2026-01-05T09:00:00Z", "updated_at": "2026-01-05T09:00:00Z",
        }  # fmt: skip
        body = json.dumps(
            {
                "action": "created", "deployment_status": status,
                "deployment": deployment, "repository": repository,
            }
        ).encode()  # fmt: skip
        digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        return HTTP.post(
            f"{self.url(STATUS_SYNC)}/hooks",
            content=body,
            headers={
                "Content-Type": "application/json",
                "X-GitHub-Event": "deployment_status",
                "X-GitHub-Delivery": str(uuid.uuid4()),
                "X-Hub-Signature-256": f"sha256={digest}",
            },
        )

    def last_number(self) -> int:
        """The newest deployment's number; 0 when there is none."""
        newest = self.api.get(
            f"/repos/{self.named}/deployments", params={"per_page": 1}
        )
        return max((int(each["number"]) for each in newest.json()), default=0)

    def at_github(self) -> list[dict[str, Any]]:
        """All deployments that GitHub has, newest first."""
        found: list[dict[str, Any]] = []
        url: str | None = f"/repos/{self.named}/deployments?per_page=100"
        while url:
            answer = self.github.get(url)
            found.extend(answer.json())
            url = answer.links.get("next", {}).get("url")
        return found

    def ours_at_github(self, uuid: str) -> list[dict[str, Any]]:
        """Those that carry this deployment's marker."""
        return [each for each in self.at_github() if marker_of(each) == uuid]

    def faults(self, **parts: Any) -> None:
        self.github.put("/_sandbox/faults", json=parts).raise_for_status()

    def no_faults(self) -> None:
        self.github.delete("/_sandbox/faults").raise_for_status()
