"""SIGKILL at each point of the path: one GitHub deployment, `success`, nothing lost."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from .invariants import check_all
from .system import (
    DISPATCHER,
    GATEWAY,
    PATIENCE_S,
    STATUS_SYNC,
    VERIFIER,
    System,
    eventually,
)

#: Where each service is killed; the words are explained in `entry`.
POINTS = [
    (GATEWAY, "bus.before:DeployRequested"),
    (GATEWAY, "bus.after:DeployRequested"),
    (VERIFIER, "store.before:RefVerified"),
    (VERIFIER, "store.after:RefVerified"),
    (VERIFIER, "store.after:SlotGranted"),
    (VERIFIER, "ack.before:DeployRequested"),
    (VERIFIER, "bus.after:RefVerified"),
    (DISPATCHER, "store.before:AttemptStarted"),
    (DISPATCHER, "store.after:AttemptStarted"),
    (DISPATCHER, "store.before:GitHubDeploymentCreated"),
    (DISPATCHER, "store.after:GitHubDeploymentCreated"),
    (DISPATCHER, "bus.after:GitHubDeploymentCreated"),
    (STATUS_SYNC, "store.before:StatusUpdated"),
    (STATUS_SYNC, "store.after:StatusUpdated"),
    (STATUS_SYNC, "bus.after:StatusUpdated"),
]


@pytest.fixture(autouse=True)
def nothing_is_wrong_afterwards(system: System) -> Iterator[None]:
    yield
    check_all(system)


class Request(threading.Thread):
    """A person's POST, beside the test; the gateway may die under it."""

    def __init__(self, system: System) -> None:
        super().__init__(daemon=True)
        self._system = system
        self.start()

    def run(self) -> None:
        try:
            self._system.deploy()
        except httpx.TransportError:
            """The gateway was killed; what it recorded goes on."""


@pytest.mark.parametrize(("service", "point"), POINTS)
def test_killed_at(system: System, service: str, point: str) -> None:
    number = system.last_number() + 1
    system.plan_crash(service, point)
    request = Request(system)
    system.wait_for_crash(service)
    deployment = system.ends(number, "success")
    request.join(PATIENCE_S)
    assert len(system.ours_at_github(deployment["uuid"])) == 1


def test_the_dispatcher_dies_between_githubs_success_and_its_answer(
    system: System,
) -> None:
    number, before = system.last_number() + 1, len(system.at_github())
    system.faults(create_deployment={"delay_after_success_s": 5.0})
    request = Request(system)
    eventually(lambda: len(system.at_github()), lambda n: n == before + 1)
    system.kill(DISPATCHER)
    system.no_faults()
    system.spawn(DISPATCHER)
    deployment = system.ends(number, "success")
    request.join(PATIENCE_S)
    assert len(system.ours_at_github(deployment["uuid"])) == 1
