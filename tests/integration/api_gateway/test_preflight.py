"""Preflights over HTTP: the verifier's answer, none in time, and bad questions."""

from typing import Any

import pytest

from shared.messaging import BusUnavailableError

from .conftest import CHECKS, SHA, World

PATH = "/api/v1/repos/octo/shop/environments/production/preflight"
MAIN = f"{PATH}?type=branch&ref=main"


async def test_it_says_what_would_become_of_it(active: World) -> None:
    before = await active.recorded()
    answer = await active.api.get(MAIN)
    assert answer.status == 200
    assert await answer.json() == {
        "would": "queue",
        "message": "It would wait in line.",
        "position": 2,
        "sha": SHA,
        "checks": [check.model_dump() for check in CHECKS],
    }
    [asked] = active.others.asked
    assert (asked.environment, asked.ref.name, asked.who.id) == (
        "production",
        "main",
        0,
    )
    assert asked.repository.id == 7
    assert await active.recorded() == before


async def test_without_an_answer_one_asks_again(active: World) -> None:
    active.others.locking.awake = False
    answer = await active.api.get(MAIN, headers={"Prefer": "wait=0"})
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (503, "internal_error")
    assert "ask again" in problem["message"]
    assert answer.headers["Retry-After"]


async def test_without_a_broker_one_asks_again(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise BusUnavailableError("RabbitMQ: amqp://secret")

    monkeypatch.setattr(active.others.bus, "ask", fail)
    answer = await active.api.get(MAIN)
    problem = await answer.json()
    assert answer.status == 503
    assert "secret" not in problem["message"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (PATH, 400),
        (f"{PATH}?type=branch", 400),
        (f"{PATH}?type=branch&ref=", 400),
        (f"{PATH}?type=tree&ref=main", 400),
        (f"{PATH}?type=branch&ref=a..b", 400),
        (f"{PATH}?type=commit&ref=main", 400),
        (f"{PATH}?type=branch&ref=%00", 400),
        (MAIN.replace("octo", "nobody"), 404),
        (MAIN.replace("production", "%01"), 400),
    ],
)
async def test_a_bad_question_is_answered(
    active: World, path: str, status: int
) -> None:
    assert (await active.api.get(path)).status == status
    assert not active.others.asked
