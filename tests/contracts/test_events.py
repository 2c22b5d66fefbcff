"""Events are for ever: each has a golden sample, and the routing is what is taken."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import KINDS, ROUTES, SERVICES, Event, taken_by
from shared.messaging.envelope import PREFIX, headers, read

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*.json"))
PACKAGES = {
    "api-gateway": "api_gateway",
    "verifier": "verifier",
    "github-dispatcher": "github_dispatcher",
    "status-sync": "status_sync",
}


def test_every_event_of_the_bus_has_a_sample() -> None:
    assert {event.kind() for event in ROUTES} <= {file.stem for file in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_ever_sent_can_still_be_read(file: Path) -> None:
    sample: dict[str, Any] = json.loads(file.read_text())
    message = read(sample["headers"], json.dumps(sample["body"]).encode())
    assert message.data.kind() == file.stem
    assert headers(message) == sample["headers"]
    assert within(sample["body"], message.data.model_dump(mode="json"))


def within(sample: Any, told: Any) -> bool:
    """Whether all that was sent is there, whatever a later version added."""
    if isinstance(sample, dict):
        return all(key in told and within(sample[key], told[key]) for key in sample)
    if isinstance(sample, list):
        return len(sample) == len(told) and all(map(within, sample, told))
    return bool(sample == told)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_a_newer_version_adds_is_ignored(file: Path) -> None:
    sample: dict[str, Any] = json.loads(file.read_text())
    newer = sample["body"] | {"a_new_field": 1}
    assert read(sample["headers"], json.dumps(newer).encode()) == read(
        sample["headers"], json.dumps(sample["body"]).encode()
    )


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_what_its_queue_is_bound_to(service: str) -> None:
    application = importlib.import_module(f"{PACKAGES[service]}.application")
    assert set(application.HANDLERS) == taken_by(service)


def test_every_event_that_is_defined_is_routed() -> None:
    defined = {
        fact
        for fact in KINDS.values()
        if issubclass(fact, Event) and fact.__module__.startswith("shared.contracts.")
    }
    abstract = {e for e in defined if e.__subclasses__()}
    assert defined - abstract == set(ROUTES)


def test_only_deployments_and_repositories_are_subjects() -> None:
    for file in FILES:
        sample = json.loads(file.read_text())
        assert sample["headers"][f"{PREFIX}subject"]
