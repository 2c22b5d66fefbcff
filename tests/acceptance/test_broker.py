"""A broker that stops or is wiped: requests and webhooks go on, nothing is lost."""

from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from gitploy.local.backing import RabbitMQ

from .invariants import check_all
from .system import (
    GATEWAY,
    HTTP,
    PATIENCE_S,
    SERVICES,
    STATUS_SYNC,
    TOLD_STATUS,
    VERIFIER,
    System,
    eventually,
)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    broker = RabbitMQ(tmp_path_factory.mktemp("broker"), management=True)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    broker: RabbitMQ,
    module_database_url: str,
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    system = System(folder, broker.url, module_database_url)
    try:
        system.start()
        yield system
    finally:
        system.stop()


def test_requests_and_webhooks_are_taken_while_it_is_away(
    system: System, broker: RabbitMQ
) -> None:
    system.deploys_again()
    told = system.last_number()
    broker.stop()
    answer = system.deploy(wait_s=0)
    assert answer.status_code == 202
    assert system.post_status_webhook().status_code in (200, 201, 202)
    for name in (GATEWAY, STATUS_SYNC):
        # Under load its database may take longer to answer than it is waited for.
        eventually(
            partial(readiness, system, name), lambda told: told == (200, [], ["bus"])
        )
    verifiers = partial(readiness, system, VERIFIER)
    eventually(verifiers, lambda told: told == (503, ["bus"], []))
    assert TOLD_STATUS not in statuses_of(system, told)
    broker.start()
    eventually(lambda: statuses_of(system, told), lambda ids: TOLD_STATUS in ids)
    system.ends(answer.json()["number"], "success")
    check_all(system)


def readiness(system: System, name: str) -> tuple[int, list[str], list[str]]:
    """What it lacks to be ready, and what it does without."""
    answer = HTTP.get(f"{system.url(name)}/readyz")
    told = answer.json()
    return answer.status_code, list(told["missing"]), list(told["degraded"])


def statuses_of(system: System, number: int) -> set[int]:
    """By GitHub's ids."""
    return {status["github_status_id"] for status in system.statuses(number)}


def test_what_is_in_flight_ends_although_all_queues_were_deleted(
    system: System, broker: RabbitMQ
) -> None:
    numbers = [
        system.deploy(env="staging", wait_s=0).json()["number"] for _ in range(10)
    ]
    delete_all_queues(broker)
    for number in numbers:
        system.ends(number, "success")
    check_all(system)


def delete_all_queues(broker: RabbitMQ) -> None:
    with httpx.Client(base_url=broker.management_url, timeout=PATIENCE_S) as management:
        queues = management.get("/api/queues").json()
        assert {queue["name"] for queue in queues} >= set(SERVICES)
        for queue in queues:
            management.delete(f"/api/queues/%2F/{queue['name']}").raise_for_status()
        eventually(
            lambda: {q["name"] for q in management.get("/api/queues").json()},
            lambda names: names >= set(SERVICES),
        )
