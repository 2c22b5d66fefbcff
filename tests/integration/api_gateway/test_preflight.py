"""Preflights over HTTP: the verifier's answer, none in time, and bad questions."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from api_gateway.routes.preflight import PER_MINUTE
from shared.contracts import Override, PreflightAnswered
from shared.messaging import BusUnavailableError
from shared.testing import until

from .conftest import CHECKS, SHA, World
from .waiting import ANN, BOB, as_

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
        "checks": [check.model_dump(mode="json") for check in CHECKS],
    }
    [asked] = active.others.asked
    assert (asked.environment, asked.ref.name, asked.who.id) == (
        "production",
        "main",
        0,
    )
    assert asked.repository.id == 7
    assert await active.recorded() == before


async def test_where_no_request_is_taken_none_is_promised(active: World) -> None:
    await active.api.patch("/api/v1/repos/octo/shop", json={"active": False})

    async def asked() -> Any:
        return await (await active.api.get(MAIN)).json()

    async def refused() -> bool:
        return bool((await asked())["would"] == "refuse")

    await until(refused)
    told = await asked()
    assert told["position"] is None
    assert told["message"].startswith("The repository octo/shop is not active: ")
    assert told["checks"] == [check.model_dump(mode="json") for check in CHECKS]


async def test_it_is_asked_with_all_that_a_request_would_have(active: World) -> None:
    past = {"checks": ["locked", "frozen"], "reason": "Hotfix & more"}
    more = {
        "expected_sha": SHA.upper(),
        "dynamic_payload": json.dumps({"store": "apple", "percent": 5}),
        "override": json.dumps(past),
    }
    answer = await active.api.get(f"{MAIN}&{urlencode(more)}")
    assert answer.status == 200
    [asked] = active.others.asked
    assert asked.expected_sha == SHA
    assert asked.dynamic_payload == {"store": "apple", "percent": 5}
    assert asked.override == Override(
        checks=("frozen", "locked"), reason="Hotfix & more"
    )


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"dynamic_payload": "{"}, "dynamic_payload: it is not valid JSON"),
        ({"dynamic_payload": "[]"}, "dynamic_payload: it must be a JSON object"),
        ({"dynamic_payload": "1" * 2001}, "dynamic_payload: it is longer than 2000"),
        ({"dynamic_payload": '{"a": "' + "ü" * 1000 + '"}'}, "longer than 2000 bytes"),
        ({"dynamic_payload": '{"a":' + "[" * 11 + "]" * 11 + "}"}, "more than 10 deep"),
        ({"dynamic_payload": "[" * 2000}, "dynamic_payload: it is not valid JSON"),
        ({"override": '{"checks": ["config"], "reason": "x"}'}, "nobody may override"),
        ({"override": '{"checks": ["locked"]}'}, "override.reason: it is missing"),
        ({"expected_sha": "abc"}, "expected_sha: it must be a whole commit id"),
    ],
)
async def test_what_it_is_asked_with_is_checked(
    active: World, more: dict[str, str], why: str
) -> None:
    answer = await active.api.get(f"{MAIN}&{urlencode(more)}")
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (400, "parameter_invalid")
    assert why in problem["message"]
    assert not active.others.asked


async def test_without_an_answer_one_asks_again(active: World) -> None:
    active.others.locking.awake = False
    answer = await active.api.get(MAIN, headers={"Prefer": "wait=0"})
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (503, "internal_error")
    assert problem["message"] == (
        "The verifier did not answer within 0 s: nothing was done, ask again."
    )
    assert answer.headers["Retry-After"]


async def test_it_says_why_github_does_not_tell(active: World) -> None:
    active.others.preflight = PreflightAnswered(
        checks=(), would=None, message="GitHub answers 502; is GitHub up?"
    )
    answer = await active.api.get(MAIN)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (503, "internal_error")
    assert problem["message"] == (
        "GitHub does not tell (GitHub answers 502; is GitHub up?): nothing was done, "
        "ask again."
    )
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
    assert problem["message"] == (
        "The message broker can't be reached: nothing was done, ask again."
    )


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


@pytest.mark.usefixtures("one_moment")
async def test_one_person_does_not_use_up_what_github_lets_gitploy_ask(
    active: World,
) -> None:
    for _ in range(PER_MINUTE):
        assert (await active.api.get(MAIN, headers=as_(ANN))).status == 200
    answer = await active.api.get(MAIN, headers=as_(ANN))
    assert (answer.status, (await answer.json())["code"]) == (429, "rate_limited")
    assert answer.headers["Retry-After"] == "1"
    assert len(active.others.asked) == PER_MINUTE
    for headers in (as_(BOB), {}):
        assert (await active.api.get(MAIN, headers=headers)).status == 200
