"""`gitploy serve`: the embedded system from settings alone, and how it is looked at."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gitploy.local.kept import free_port
from tests.acceptance.system import HTTP, PATIENCE_S, eventually

SETTINGS = {
    "GITPLOY_API_TOKEN": "t0ken",
    "GITPLOY_GITHUB_TOKEN": "ghp",
    "GITPLOY_WEBHOOK_SECRET": "secret",
    "GITPLOY_HOOKS_URL": "https://gitploy.example/hooks",
    "GITPLOY_GITHUB_API_URL": "http://127.0.0.1:9",
}


def gitploy(*words: str) -> list[str]:
    return [sys.executable, "-m", "gitploy", *words]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def serving(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    command = gitploy("serve", "--data", str(tmp_path / "data"), "--port", str(port))
    process = subprocess.Popen(
        command, env={**os.environ, **SETTINGS}, stderr=subprocess.DEVNULL
    )
    yield process
    process.kill()
    process.wait()


def answers(url: str) -> bool:
    try:
        return HTTP.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_it_serves_and_stops_in_order(
    serving: subprocess.Popen[bytes], port: int, tmp_path: Path
) -> None:
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: answers(f"{url}/readyz"), bool)
    looked = subprocess.run(
        gitploy("doctor", "-H", url, "-T", "t0ken"),
        capture_output=True, text=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert looked.stdout.count("good") == 2
    letters = subprocess.run(
        gitploy("dead-letters", "list", "--json", "--data", str(tmp_path / "data")),
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert letters.stdout.strip() == "[]"
    serving.send_signal(signal.SIGINT)
    assert serving.wait(PATIENCE_S) == 0


def refused(tmp_path: Path, env: dict[str, str]) -> str:
    """What it says before it gives up."""
    command = gitploy("serve", "--data", str(tmp_path), "--port", "0")
    bare = {k: v for k, v in os.environ.items() if not k.startswith("GITPLOY_")}
    done = subprocess.run(
        command, env=bare | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    return done.stderr


def test_all_settings_that_are_missing_are_told_at_once(tmp_path: Path) -> None:
    first, *lacking = refused(tmp_path, {}).splitlines()
    assert first == "gitploy: settings are missing in the environment:"
    *names, identity = [line.strip().partition(":")[0] for line in lacking]
    assert names == [
        "GITPLOY_API_TOKEN", "GITPLOY_WEBHOOK_SECRET", "GITPLOY_HOOKS_URL",
    ]  # fmt: skip
    assert identity == (
        "GITPLOY_GITHUB_APP_CLIENT_ID and GITPLOY_GITHUB_APP_PRIVATE_KEY, or "
        "GITPLOY_GITHUB_TOKEN"
    )


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"GITPLOY_HOOKS_URL": "here"}, "GITPLOY_HOOKS_URL: "),
        ({"GITPLOY_GITHUB_APP_CLIENT_ID": "Iv23"}, "GITPLOY_GITHUB_TOKEN and "),
        (
            {"GITPLOY_GITHUB_APP_CLIENT_ID": "Iv23", "GITPLOY_GITHUB_TOKEN": ""},
            "GITPLOY_GITHUB_APP_PRIVATE_KEY is not set",
        ),
    ],
)
def test_a_setting_that_is_wrong_is_one_line(
    wrong: dict[str, str], named: str, tmp_path: Path
) -> None:
    said = refused(tmp_path, SETTINGS | wrong)
    assert said.startswith(named)
    assert said.count("\n") == 1


@pytest.mark.parametrize("word", ["--help", "--version"])
def test_the_list_of_commands_loads_nothing_heavy(word: str) -> None:
    script = (
        "import sys; from gitploy.main import app\n"
        f"try: app(['{word}'])\n"
        "except SystemExit: pass\n"
        "heavy = {'aiohttp', 'jq', 'pygit2', 'psycopg', 'pydantic', 'shared', 'yaml'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
