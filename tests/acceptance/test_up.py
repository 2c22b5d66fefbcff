"""`gitploy up`: the same as the demo, with processes of their own on real servers."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gitploy.local.backing.postgres import find_binaries
from gitploy.local.backing.rabbitmq import find_script
from tests.conftest import start_or_skip

from .command import Running, alive
from .system import SERVICES, eventually

CHILDREN = {*SERVICES, "github-sandbox", "deploy-tool"}


@pytest.fixture(scope="module")
def up(
    tmp_path_factory: pytest.TempPathFactory,
    module_amqp_url: str,
    module_database_url: str,
) -> Iterator[Running]:
    running = Running(
        "up",
        tmp_path_factory.mktemp("up"),
        "--replicas",
        "2",
        env={
            "GITPLOY_AMQP_URL": module_amqp_url,
            "GITPLOY_DATABASE_URL": module_database_url,
        },
    )
    try:
        running.wait_until_ready()
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.output


def test_two_of_each_carry_a_deployment_to_success(up: Running) -> None:
    assert set(up.pids()) == CHILDREN | {f"{name}.2" for name in SERVICES}
    number = up.deploy().json()["number"]
    up.ends(number)
    eventually(lambda: f"#{number} " in up.output and "success" in up.output, bool)
    assert not (up.data / "postgres").exists()


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_is_started_again_and_goes_on(
    up: Running, service: str
) -> None:
    before = up.pids()
    for name in (service, f"{service}.2"):
        os.kill(before[name], signal.SIGKILL)
    answer = eventually(lambda: deployed(up), bool)
    assert answer
    up.ends(answer["number"])
    after = up.pids()
    assert {name for name in after if after[name] != before[name]} == {
        service,
        f"{service}.2",
    }


def deployed(up: Running) -> dict[str, int]:
    """A deployment that the gateway has taken, once there is a gateway."""
    try:
        answer = up.deploy("staging")
    except httpx.TransportError:
        return {}
    return dict(answer.json()) if answer.status_code in (201, 202) else {}


def test_operators_look_at_the_running_system(up: Running) -> None:
    number = up.deploy("staging").json()["number"]
    up.ends(number)
    assert up.gitploy("dead-letters", "list", "--json").strip() == "[]"
    before, after = up.made_again()
    assert after == before
    assert up.gitploy("relay", "parked", "--json").strip() == "[]"
    rewind = ("relay", "rewind", "api-gateway", "--hours", "1", "--reason", "a test")
    assert "says again" in up.gitploy(*rewind, "--yes")
    assert "relay rewind api-gateway: a test" in up.gitploy("actions")
    explained = up.gitploy("explain", "demo/shop", str(number))
    assert f"demo/shop #{number} to staging" in explained
    kept = {each["number"]: each["phase"] for each in up.deployments()}
    assert kept[number] == "success"


def test_secrets_are_not_in_the_list_of_processes(up: Running) -> None:
    secrets = {up.ready["token"], up.ready["github_token"]}
    secrets |= {file.read_text() for file in (up.data / "kept").glob("*secret")}
    for pid in up.pids().values():
        words = Path(f"/proc/{pid}/cmdline").read_text()
        assert not [secret for secret in secrets if secret in words]


def test_with_servers_of_its_own_it_goes_on_after_a_kill(tmp_path: Path) -> None:
    start_or_skip(lambda: str(find_binaries()))
    start_or_skip(lambda: str(find_script()))
    first = Running("up", tmp_path)
    ready = first.wait_until_ready()
    number = first.deploy(wait_s=0).json()["number"]
    children = first.pids()
    assert set(children) == CHILDREN
    first.kill()
    eventually(lambda: any(map(alive, children.values())), lambda left: not left)
    second = Running("up", tmp_path)
    try:
        assert second.wait_until_ready() == ready
        second.ends(number)
        assert second.deploy("staging").json()["number"] == number + 1
    finally:
        assert second.stop(signal.SIGTERM) == 0, second.output
