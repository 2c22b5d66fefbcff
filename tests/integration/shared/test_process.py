"""A service as a process: how it starts, what it says when it can't, how it stops."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import httpx
import pytest

from gitploy.local.kept import free_port
from tests.acceptance.system import HTTP, eventually


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """All that the verifier needs; nobody answers at the broker's address."""
    return {
        "GITPLOY_AMQP_URL": f"amqp://guest:guest@127.0.0.1:{free_port()}/",
        "GITPLOY_DATABASE_URL": f"sqlite:///{tmp_path}/data/",
        "GITPLOY_HTTP_PORT": str(free_port()),
        "GITPLOY_GITHUB_TOKEN": "ghs_secret",
        "GITPLOY_GITHUB_API_URL": "http://127.0.0.1:9",
        "GITPLOY_GITHUB_GRAPHQL_URL": "http://127.0.0.1:9/graphql",
    }


def ready(settings: Mapping[str, str]) -> httpx.Response | None:
    """The answer to whether it is ready, once there is one."""
    try:
        return HTTP.get(f"http://127.0.0.1:{settings['GITPLOY_HTTP_PORT']}/readyz")
    except httpx.TransportError:
        return None


def lacks(answer: httpx.Response | None, *missing: str) -> bool:
    """Whether it says so; what answers late for once is missing, too."""
    return answer is not None and list(answer.json()["missing"]) == list(missing)


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    others = {k: v for k, v in os.environ.items() if not k.startswith("GITPLOY_")}
    return {**others, **settings}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def verifier(settings: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "verifier"],
            env=environment(settings) | {"GITPLOY_STOP_ON_STDIN_EOF": "1"},
            stdin=subprocess.PIPE,
            stderr=stderr,
        ) as process,
    ):
        yield process
        process.kill()


def start(settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "verifier"],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITPLOY_AMQP_URL", None),
        ("GITPLOY_AMQP_URL", "localhost:5672"),
        ("GITPLOY_DATABASE_URL", None),
        ("GITPLOY_DATABASE_URL", "mysql://localhost/gitploy"),
        ("GITPLOY_DATABASE_URL", "postgresql://localhost:port/gitploy"),
        ("GITPLOY_DATABASE_URL", "postgresql://localhost/gitploy?nonsense=1"),
        ("GITPLOY_GITHUB_TOKEN", None),
        ("GITPLOY_GITHUB_TOKEN", ""),
        ("GITPLOY_GITHUB_API_URL", "api.github.com"),
        ("GITPLOY_HTTP_PORT", "http"),
        ("GITPLOY_HTTP_PORT", "65536"),
        ("GITPLOY_LOG_LEVEL", "LOUD"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named_in_one_line(
    settings: dict[str, str], name: str, value: str | None
) -> None:
    settings.pop(name, None)
    done = start(settings if value is None else {**settings, name: value})
    assert done.returncode == 2
    assert done.stderr.startswith(name)
    assert done.stderr.count("\n") == 1
    assert "secret" not in done.stderr


def test_a_port_that_is_taken_is_named_in_one_line(settings: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = start({**settings, "GITPLOY_HTTP_PORT": port})
    assert done.returncode == 1
    assert f"can't listen on 127.0.0.1:{port}" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_in_order(
    settings: dict[str, str],
    log: Path,
    verifier: subprocess.Popen[bytes],
    number: signal.Signals,
) -> None:
    answer = eventually(partial(ready, settings), lambda told: lacks(told, "bus"))
    assert answer
    assert answer.status_code == 503
    verifier.send_signal(number)
    assert verifier.wait(60) == 0
    told = log.read_text()
    assert f"http://127.0.0.1:{settings['GITPLOY_HTTP_PORT']}" in told
    assert "service_stopped" in told


def test_it_ends_with_its_parent(
    settings: dict[str, str], verifier: subprocess.Popen[bytes]
) -> None:
    eventually(partial(ready, settings), lambda told: told is not None)
    assert verifier.stdin
    verifier.stdin.close()
    assert verifier.wait(60) == 0


class TestWithoutItsDatabase:
    @pytest.fixture
    def settings(self, settings: dict[str, str]) -> dict[str, str]:
        url = f"postgresql://nobody:nothing@127.0.0.1:{free_port()}/gitploy"
        return {**settings, "GITPLOY_DATABASE_URL": url}

    def test_it_says_what_is_missing_until_it_is_told_to_stop(
        self, settings: dict[str, str], log: Path, verifier: subprocess.Popen[bytes]
    ) -> None:
        says = partial(ready, settings)
        answer = eventually(says, lambda told: lacks(told, "database"))
        assert answer
        assert answer.status_code == 503
        secrets = ["nobody", "nothing", "127.0.0.1", "gitploy"]
        assert not [secret for secret in secrets if secret in answer.text]
        assert "refused" in log.read_text()
        verifier.terminate()
        assert verifier.wait(60) == 0
