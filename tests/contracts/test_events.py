"""Events are for ever: each has a golden sample, and the routing is what is taken."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts import (
    KINDS,
    QUESTIONS,
    ROUTES,
    SERVICES,
    Event,
    Question,
    Unrecorded,
    heard_by,
    taken_by,
    unrecorded,
)
from shared.messaging.envelope import (
    PREFIX,
    UNRECORDED,
    headers,
    read,
    read_unrecorded,
)


def kind_of(file: Path) -> str:
    """What was sent; after a `+` it says what has grown since the first sample."""
    return file.stem.partition("+")[0]


SAMPLES = Path(__file__).parent / "samples"
ALL = sorted(SAMPLES.glob("*.json"))
FILES = [file for file in ALL if kind_of(file) not in UNRECORDED]
FORGOTTEN = [file for file in ALL if kind_of(file) in UNRECORDED]
PACKAGES = {
    "api-gateway": "api_gateway",
    "verifier": "verifier",
    "github-dispatcher": "github_dispatcher",
    "status-sync": "status_sync",
}


def test_every_event_of_the_bus_has_a_sample() -> None:
    assert {event.kind() for event in ROUTES} <= set(map(kind_of, FILES))
    assert set(UNRECORDED) == set(map(kind_of, FORGOTTEN))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_was_ever_sent_can_still_be_read(file: Path) -> None:
    sample: dict[str, Any] = json.loads(file.read_text())
    message = read(sample["headers"], json.dumps(sample["body"]).encode())
    assert message.data.kind() == kind_of(file)
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


@pytest.mark.parametrize("file", FORGOTTEN, ids=lambda file: file.stem)
def test_what_is_not_recorded_can_be_read_from_every_version(file: Path) -> None:
    sample: dict[str, Any] = json.loads(file.read_text())
    said = read_unrecorded(sample["headers"], json.dumps(sample["body"]).encode())
    assert said.kind() == kind_of(file)
    assert within(sample["body"], said.model_dump(mode="json"))
    newer = json.dumps(sample["body"] | {"a_new_field": 1}).encode()
    assert read_unrecorded(sample["headers"], newer) == said


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_handles_exactly_what_its_queue_is_bound_to(service: str) -> None:
    application = importlib.import_module(f"{PACKAGES[service]}.application")
    assert set(application.HANDLERS) == taken_by(service)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_hears_exactly_the_questions_and_hints_for_it(service: str) -> None:
    application = importlib.import_module(f"{PACKAGES[service]}.application")
    assert set(getattr(application, "LISTENERS", {})) == heard_by(service)


def test_all_that_is_said_and_not_recorded_is_routed() -> None:
    defined = {
        each
        for each in vars(unrecorded).values()
        if isinstance(each, type)
        and issubclass(each, Unrecorded)
        and each.__module__ == unrecorded.__name__
        # Which pydantic makes of `Question[…]`.
        and "[" not in each.__name__
    }
    assert defined == set(UNRECORDED.values())


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.__name__)
def test_a_question_is_answered_with_what_its_class_says(
    question: type[Question[Any]],
) -> None:
    asks = [m for m in map(generic, question.__mro__) if m.get("origin") is Question]
    assert [each["args"] for each in asks] == [(QUESTIONS[question].answer,)]


def generic(base: type) -> dict[str, Any]:
    return getattr(base, "__pydantic_generic_metadata__", {})


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
