"""What `/readyz` says of what a service needs, and what it keeps to itself."""

import asyncio
import importlib
import json
from typing import Any, cast

import pytest
from aiohttp import web

from shared.web import Dependency, health


async def there() -> None:
    """Answer."""


async def refuses() -> None:
    raise ConnectionError('connection to "db.internal" failed for user "gitploy"')


async def hangs() -> None:
    await asyncio.Event().wait()


async def ready(dependencies: dict[str, Dependency]) -> tuple[int, dict[str, Any]]:
    (route,) = [r for r in health(dependencies) if r.path == "/readyz"]
    handler = cast("Any", route.handler)
    answer: web.Response = await handler(None)
    return answer.status, json.loads(cast("bytes", answer.body))


async def test_nothing_is_missing() -> None:
    answer = await ready({"database": Dependency(there)})
    assert answer == (200, {"ready": True, "missing": {}, "degraded": {}})


async def test_what_is_missing_is_named_and_its_error_is_not_quoted() -> None:
    status, answer = await ready({"database": Dependency(refuses)})
    assert (status, answer["ready"], answer["degraded"]) == (503, False, {})
    assert list(answer["missing"]) == ["database"]
    assert "log" in answer["missing"]["database"]
    assert "gitploy" not in str(answer)
    assert "db.internal" not in str(answer)


async def test_what_it_can_do_without_leaves_it_ready() -> None:
    both = {"database": Dependency(there), "bus": Dependency(refuses, dispensable=True)}
    status, answer = await ready(both)
    assert (status, answer["ready"], answer["missing"]) == (200, True, {})
    assert list(answer["degraded"]) == ["bus"]


async def test_with_both_away_it_is_not_ready() -> None:
    both = {
        "database": Dependency(refuses),
        "bus": Dependency(refuses, dispensable=True),
    }
    status, answer = await ready(both)
    assert (status, list(answer["missing"]), list(answer["degraded"])) == (
        503,
        ["database"],
        ["bus"],
    )


async def test_one_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = importlib.import_module("shared.web.health")
    monkeypatch.setattr(module, "CHECK_TIMEOUT_S", 0.01)
    _, answer = await ready({"database": Dependency(hangs)})
    assert answer["missing"] == {"database": "does not answer"}
