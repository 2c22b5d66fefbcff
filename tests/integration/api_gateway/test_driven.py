"""The gateway driven by its own description: what nobody thought of by hand."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineEvent, NonFatalError, ScenarioFinished

from api_gateway.routes import reading

from .at_github import at_github
from .conftest import TOKEN

#: Live events never end.
ENDLESS = "/api/v1/stream/events"
REPO = "/api/v1/repos/{namespace}/{name}"
#: What needs more than a description can say: a moment, or an id. It is refused.
REFUSED = {
    "GET /signin",
    "HEAD /slack",
    "PATCH /api/v1/users/{id}",
    "DELETE /api/v1/users/{id}",
    f"PUT {REPO}/deployments/{{number}}",
    f"GET {REPO}/deployments/{{number}}/review",
    f"PATCH {REPO}/deployments/{{number}}/review",
    f"POST {REPO}/deployments/{{number}}/rollback",
    f"POST {REPO}/environments/{{env}}/promote",
    f"POST {REPO}/environments/{{env}}/resume",
    f"PATCH {REPO}/locks/{{id}}",
    f"DELETE {REPO}/locks/{{id}}",
    f"POST {REPO}/locks/{{id}}/take-over",
}
CONFIG: Mapping[str, Any] = {
    "seed": 1,
    "request-timeout": 60,
    "suppress-health-check": ["all"],
    "headers": {"Authorization": f"Bearer {TOKEN}"},
    "generation": {"deterministic": True, "max-examples": 4},
    "phases": {"stateful": {"enabled": False}},
    "checks": {
        # What is right in itself may be wrong as things are.
        "positive_data_acceptance": {"enabled": False},
    },
}


@dataclass
class Driven:
    """What came of it."""

    wrong: list[str] = field(default_factory=list)
    #: How often each operation was answered with each status.
    answered: Counter[tuple[str, int]] = field(default_factory=Counter)

    def take(self, event: EngineEvent) -> None:
        if isinstance(event, NonFatalError):
            self.wrong.append(str(event.value))
        if isinstance(event, ScenarioFinished):
            self._take(event)

    def _take(self, event: ScenarioFinished) -> None:
        for told in event.recorder.interactions.values():
            if told.response:
                self.answered[event.recorder.label, told.response.status_code] += 1
        for checks in event.recorder.checks.values():
            self.wrong += [
                f"{check.name}: {info.failure}\n{info.code_sample}"
                for check in checks
                if (info := check.failure_info)
            ]


async def test_it_does_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some of the others never answer, and nobody has to wait for that.
    monkeypatch.setattr(reading, "DEFAULT_WAIT_S", 0.2)
    monkeypatch.setattr(reading, "MAX_WAIT_S", 0.2)
    async with at_github(tmp_path, requests_per_minute=10**6) as hub:
        await hub.deployed(hub.git.commit(), 1)
        hub.git("tag", "v1.0")
        hub.world.github.write("envs:\n- name: production\n")
        api = hub.world.api
        document = await (await api.get("/openapi.json")).json()
        driven = await asyncio.to_thread(drive, document, str(api.make_url("")))
    assert not driven.wrong, "\n\n".join(driven.wrong)
    assert set(unanswered(document, driven)) <= REFUSED


def drive(document: Any, url: str) -> Driven:
    """Send what the description allows, and what it forbids."""
    config = SchemathesisConfig.from_dict({**CONFIG, "base-url": url})
    schema = schemathesis.openapi.from_dict(document, config=config)
    driven = Driven()
    for event in from_schema(schema.exclude(path=ENDLESS)).execute():
        driven.take(event)
    return driven


def unanswered(document: Any, driven: Driven) -> Iterator[str]:
    """Operations of which nothing was seen but errors."""
    done = {label for label, status in driven.answered if status < 400}
    for path, methods in document["paths"].items():
        for method in methods:
            label = f"{method.upper()} {path}"
            if path != ENDLESS and label not in done:
                yield label
