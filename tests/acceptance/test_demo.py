"""`gitploy demo`, from the first start to the last `kill -9`."""

import hashlib
import hmac
import json
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pygit2
import pytest

from .command import Running, alive, answers
from .pushing import push
from .system import PATIENCE_S, eventually

SECRET = "known-to-the-test-too"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("demo")
    (folder / "ready.json").write_text("of another day")
    running = Running("demo", folder, env={"GITPLOY_WEBHOOK_SECRET": SECRET})
    try:
        running.wait_until_ready()
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.output
    assert not any(map(answers, addresses(running)))


def addresses(running: Running) -> list[str]:
    return [running.ready[name] for name in ("gateway_url", "github_url", "hooks_url")]


def test_the_printed_line_deploys_and_every_step_is_shown(demo: Running) -> None:
    done = subprocess.run(
        ["bash", "-c", demo.printed_command()],
        capture_output=True, text=True, check=True, timeout=PATIENCE_S,
    )  # fmt: skip
    number = json.loads(done.stdout)["number"]
    shown = demo.ends(number)
    assert "Deployed" in httpx.get(shown["log_url"], timeout=PATIENCE_S).text
    # A phase of a moment may be over before it is shown; statuses are all shown.
    for word in ("queued", "running", "success"):
        line = f"#{number} .* production .* {word} "
        eventually(partial(matching, demo, line), bool)
    assert shown["log_url"] in demo.output


def matching(demo: Running, pattern: str) -> list[str]:
    """The lines of the terminal with these words, in this order."""
    return re.findall(f"^.*{pattern}.*$", demo.output, re.MULTILINE)


def test_the_ready_file_is_new_and_its_owners_alone(demo: Running) -> None:
    assert set(demo.ready) == {
        "gateway_url", "hooks_url", "github_url", "token", "github_token", "repository",
        "people",
    }  # fmt: skip
    assert stat.S_IMODE(demo.ready_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(demo.data.stat().st_mode) == 0o700
    hooks = httpx.get(
        f"{demo.ready['github_url']}/repos/{demo.ready['repository']}/hooks",
        headers={"Authorization": f"Bearer {demo.ready['github_token']}"},
        timeout=PATIENCE_S,
    ).json()
    assert demo.ready["hooks_url"] in [hook["config"]["url"] for hook in hooks]


def test_it_listens_on_this_machine_alone(demo: Running) -> None:
    ports = {address.rsplit(":", 1)[1].split("/")[0] for address in addresses(demo)}
    assert {address.split("/")[2].split(":")[0] for address in addresses(demo)} == {
        "127.0.0.1"
    }
    elsewhere = socket.gethostbyname(socket.gethostname())
    if not elsewhere.startswith("127."):
        assert not any(answers(f"http://{elsewhere}:{port}") for port in ports)


@pytest.mark.parametrize(("secret", "status"), [(SECRET, 202), ("another", 401)])
def test_the_webhook_secret_may_be_given(
    demo: Running, secret: str, status: int
) -> None:
    body = b'{"zen": "Keep it logically awesome."}'
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    answer = httpx.post(
        demo.ready["hooks_url"],
        content=body,
        headers={
            "Content-Type": "application/json",
            "X-GitHub-Event": "ping",
            "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
            "X-Hub-Signature-256": f"sha256={digest}",
        },
        timeout=PATIENCE_S,
    )
    assert answer.status_code == status, answer.text


def test_the_sample_shows_what_is_refused_and_why(demo: Running) -> None:
    body = {"type": "branch", "ref": "fix/rounding", "env": "production"}
    answer = demo.call("POST", "/deployments", json=body)
    assert answer.status_code == 422
    assert "behind main" in answer.json()["message"]
    eventually(lambda: matching(demo, "fix/rounding .* rejected"), bool)


def test_operators_look_at_the_running_system(demo: Running) -> None:
    assert demo.gitploy("dead-letters", "list", "--json").strip() == "[]"
    assert "sent back" in demo.gitploy("dead-letters", "retry")
    before, after = demo.made_again()
    assert after == before


def test_a_push_to_main_is_deployed(demo: Running, tmp_path: Path) -> None:
    sha = push(demo.data / "shop.git", tmp_path, "main", "Lower the prices")

    def deployed() -> list[dict[str, Any]]:
        shown = demo.call("GET", "/deployments", params={"env": "preview"}).json()
        return [each for each in shown if each["sha"] == sha]

    [made] = eventually(deployed, bool)
    assert (made["source"], made["edges"]["user"]["login"]) == ("push", "demo")
    demo.ends(made["number"])
    line = f"#{made['number']} .* preview .* main .* success "
    eventually(partial(matching, demo, line), bool)


def test_one_approves_what_another_deploys(demo: Running) -> None:
    shown = demo.deploy("payments").json()
    assert shown["waits_for"]["who"] == ["admin", "deployer"]
    path = f"/deployments/{shown['number']}/review"
    mine = {"Authorization": f"Bearer {demo.ready['people']['deployer']}"}
    said = demo.call("PATCH", path, json={"status": "approved"}, headers=mine)
    assert said.status_code == 200, said.text
    demo.ends(shown["number"])
    line = f"#{shown['number']} .* payments .* review .* deployer approves it"
    eventually(partial(matching, demo, line), bool)


def test_a_deployment_is_explained(demo: Running) -> None:
    answer = demo.deploy("warehouse")
    assert answer.status_code == 422
    number = str(answer.json()["number"])
    text = demo.gitploy("explain", demo.ready["repository"], number)
    assert "admin has locked warehouse" in text
    assert f"gitploy deployment retry demo/shop {number}" in text
    told = json.loads(demo.gitploy("explain", "demo/shop", number, "--json"))
    assert (told["phase"], told["code"]) == ("rejected", "deployment_locked")
    assert [check["code"] for check in told["checks"]] == ["locked"]


def test_a_tool_that_dies_is_started_again(demo: Running) -> None:
    before = demo.pids()["deploy-tool"]
    subprocess.run(["kill", "-9", str(before)], check=True)
    eventually(lambda: demo.pids()["deploy-tool"], lambda pid: pid != before)
    port = (demo.data / "kept" / "deploy-tool.port").read_text()
    eventually(lambda: answers(f"http://127.0.0.1:{port}"), bool)
    demo.ends(demo.deploy("staging").json()["number"])
    # What it finds of ours says how to stop, and nothing that is secret.
    found = Path(f"/proc/{demo.pids()['deploy-tool']}/environ").read_text()
    ours = [word.partition("=")[0] for word in found.split("\0") if "GITPLOY_" in word]
    assert ours == ["GITPLOY_STOP_ON_STDIN_EOF"]


def test_after_a_kill_it_goes_on_where_it_was(tmp_path: Path) -> None:
    first = Running("demo", tmp_path)
    ready = first.wait_until_ready()
    number = first.deploy(wait_s=0).json()["number"]
    children = first.pids()
    assert set(children) == {"github-sandbox", "deploy-tool"}
    first.kill()
    eventually(
        lambda: [pid for pid in children.values() if alive(pid)], lambda left: not left
    )
    second = Running("demo", tmp_path)
    try:
        assert second.wait_until_ready() == ready
        second.ends(number)
        assert second.deploy().json()["number"] == number + 1
    finally:
        assert second.stop(signal.SIGTERM) == 0, second.output


def test_it_serves_a_repository_of_mine_without_the_tool(tmp_path: Path) -> None:
    mine = tmp_path / "my shop"
    repository = pygit2.init_repository(str(mine), initial_head="trunk")
    who = pygit2.Signature("Ada", "ada@example.com")
    tree = repository.TreeBuilder().write()
    repository.create_commit("HEAD", who, who, "Begin", tree, [])
    running = Running("demo", tmp_path, "--repo", str(mine), "--no-deploy-tool")
    try:
        assert running.wait_until_ready()["repository"] == "local/my-shop"
        assert "has no deploy.yml" in running.output
        assert set(running.pids()) == {"github-sandbox"}
        answer = running.call(
            "POST",
            "/deployments",
            json={"type": "branch", "ref": "trunk", "env": "production"},
        )
        assert answer.status_code == 422
        assert "deploy.yml" in answer.json()["message"]
    finally:
        assert running.stop() == 0, running.output


def test_one_directory_has_one_system(demo: Running) -> None:
    done = run("demo", "--port", "0", "--data", str(demo.data))
    assert done.returncode == 1
    assert "A system runs in" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_taken_port_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run("demo", "--port", port, "--data", str(tmp_path / "data"))
    assert done.returncode == 1
    assert port in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_is_no_repository_is_refused(tmp_path: Path) -> None:
    done = run("demo", "--data", str(tmp_path / "data"), "--repo", str(tmp_path))
    assert done.returncode == 2
    assert "is no git repository" in done.stderr
    assert done.stderr.count("\n") == 1


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gitploy", *command],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
