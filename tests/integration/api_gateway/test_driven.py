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
from schemathesis.engine.recorder import Interaction

from api_gateway.routes import reading

from .at_github import at_github
from .conftest import TOKEN

#: Live events never end.
ENDLESS = "/api/v1/stream/events"
REPO = "/api/v1/repos/{namespace}/{name}"
#: What needs more than a description can say: a moment, or an id. It is refused.
REFUSED = {
    "GET /signin",
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
#: Why something may be malformed though each of its parts is well-formed: the
#: description says so in words, because JSON Schema can't.
IN_WORDS = (
    "page times per_page is at most",
    "only the newest 2000 tags are listed",
    "it must be before `to`",
    "that time is over",
    "is no commit id",
    "it is longer than 255 bytes",
    "it is longer than 2000 bytes",
    "it is nested more than",
    "contains a zero byte",
    # Of a text that is to be JSON.
    "dynamic_payload: it is not valid JSON",
    "dynamic_payload: it must be a JSON object",
    "override: it is not valid JSON",
    "override: it must be a JSON object",
)
ACCEPTANCE = "positive_data_acceptance"
#: What is right in itself may be wrong as things are, but is never malformed.
NOT_MALFORMED = ["2xx", "3xx", "401", "403", "404", "422", "503"]
CONFIG: Mapping[str, Any] = {
    "seed": 1,
    "request-timeout": 60,
    "suppress-health-check": ["all"],
    "generation": {"deterministic": True, "max-examples": 8},
    "checks": {ACCEPTANCE: {"expected-statuses": NOT_MALFORMED}},
}
FILLED = {"fill-missing": True}
#: The other methods are no part of the description; one of them stands for all.
ONE_METHOD = {"unexpected-methods": ["trace"]}
ADMIN = {
    "phases": {"coverage": ONE_METHOD},
    "headers": {"Authorization": f"Bearer {TOKEN}"},
}
#: Whoever is nobody is told nothing: one request of each is enough for that.
STRANGER = {"phases": {"enabled": False, "examples": {"enabled": True, **FILLED}}}


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
        seen = event.recorder.interactions
        for key, told in seen.items():
            if told.response:
                operation = event.recorder.cases[key].value.operation.label
                self.answered[operation, told.response.status_code] += 1
        for key, checks in event.recorder.checks.items():
            self.wrong += [
                f"{check.name}: {info.failure}\n{info.code_sample}"
                for check in checks
                if (info := check.failure_info)
                and not (check.name == ACCEPTANCE and said_in_words(seen[key]))
            ]


async def test_it_does_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some of the others never answer, and nobody has to wait for that.
    monkeypatch.setattr(reading, "DEFAULT_WAIT_S", 0.2)
    monkeypatch.setattr(reading, "MAX_WAIT_S", 0.2)
    unlimited = {"requests_per_minute": 10**6, "strangers_per_minute": 10**6}
    async with at_github(tmp_path, **unlimited) as hub:
        await hub.deployed(hub.git.commit(), 1)
        hub.git("tag", "v1.0")
        hub.world.github.write("envs:\n- name: production\n")
        api = hub.world.api
        document = await (await api.get("/openapi.json")).json()
        url = str(api.make_url(""))
        stranger = await asyncio.to_thread(drive, document, url, STRANGER)
        driven = await asyncio.to_thread(drive, document, url, ADMIN)
    wrong = [*stranger.wrong, *driven.wrong]
    assert not wrong, "\n\n".join(wrong)
    assert set(unanswered(document, driven)) <= REFUSED
    assert set(told_to_strangers(document, stranger)) == set()


def drive(document: Any, url: str, who: Mapping[str, Any]) -> Driven:
    """Send what the description allows, and what it forbids."""
    config = SchemathesisConfig.from_dict({**CONFIG, **who, "base-url": url})
    schema = schemathesis.openapi.from_dict(document, config=config)
    driven = Driven()
    for event in from_schema(schema.exclude(path=ENDLESS)).execute():
        driven.take(event)
    return driven


def said_in_words(told: Interaction) -> bool:
    """Whether only the description's words tell why it was refused."""
    text = told.response.text if told.response else ""
    return any(words in text for words in IN_WORDS)


def unanswered(document: Any, driven: Driven) -> Iterator[str]:
    """Operations of which nothing was seen but errors."""
    done = {label for label, status in driven.answered if status < 400}
    for label, _ in operations(document):
        if label not in done:
            yield label


def told_to_strangers(document: Any, driven: Driven) -> Iterator[str]:
    """Operations that told somebody without a token more than to bring one."""
    for label, operation in operations(document):
        told = {status for of, status in driven.answered if of == label}
        if operation.get("security") != [] and told - {401, 405}:
            yield f"{label}: {sorted(told)}"


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path != ENDLESS:
                yield f"{method.upper()} {path}", operation
