"""A deployment followed live, to each of its ends."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gitploy.live import AWAY, OPEN, PING
from tests.unit.gitploy.fake import NAME, REPO, FakeGateway, run

from .documents import T0, deployment, waits

SHOP = {"namespace": "Demo", "name": "shop"}
Event = tuple[str, dict[str, Any]]


def of_shop(phase: str, number: int = 7, **more: Any) -> dict[str, Any]:
    told = deployment(phase, number=number, **more)
    return {**told, "edges": {**told["edges"], "repo": SHOP}}


def status(word: str, phase: str, number: int = 7) -> Event:
    about = of_shop(phase, number)
    return "deployment_status", {
        "status": word, "description": f"It is {word}", "log_url": "http://log/7",
        "created_at": T0, "edges": {"deployment": about, "repo": SHOP},
    }  # fmt: skip


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway(
        {
            f"POST {REPO}/deployments": of_shop(
                "requested", waits_for=waits("verification")
            ),
            f"GET {REPO}/deployments/7": of_shop("success"),
        }
    )


@pytest.fixture
def happens(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What the live events tell; the stream stays open after them."""
    coming: list[Event] = []

    async def events(_: object) -> AsyncIterator[Event]:
        yield OPEN, {}
        for event in coming:
            yield event
        raise AssertionError("it was followed beyond its end")

    monkeypatch.setattr("gitploy.following.events", events)
    return coming


def watched(gateway: FakeGateway, *more: str) -> Any:
    words = ["deploy", NAME, "production", "refs/heads/main", "--watch", *more]
    return run(gateway, *words)


def test_it_is_followed_to_its_success(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    happens += [
        ("deployment", of_shop("created")),
        status("in_progress", "running"),
        status("success", "success"),
    ]
    result = watched(gateway)
    assert result.exit_code == 0, result.output
    told = [line.split()[4] for line in result.stdout.splitlines()]
    assert told == ["requested", "created", "running", "success"]
    assert "http://log/7" in result.stdout


@pytest.mark.parametrize("phase", ["failure", "rejected", "refused", "canceled"])
def test_another_end_is_exit_code_1_and_says_why(
    gateway: FakeGateway, happens: list[Event], phase: str
) -> None:
    why = {"code": "frozen", "state": "failed", "message": "Frozen.", "url": None}
    ended = of_shop(phase, message="No.", log_url="http://log/7", checks=[why])
    happens.append(("deployment", ended))
    if phase == "failure":
        happens[:] = [status("failure", "failure")]
    gateway.answers[f"GET {REPO}/deployments/7"] = ended
    result = watched(gateway)
    assert result.exit_code == 1
    assert f"has ended as {phase}: No." in result.stderr
    assert "frozen: Frozen." in result.stderr
    assert "http://log/7" in result.stderr


def test_what_happens_to_others_is_not_told(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    other = of_shop("canceled")
    other["edges"]["repo"] = {"namespace": "demo", "name": "other"}
    happens += [
        ("deployment", of_shop("rejected", number=8)),
        ("deployment", other),
        ("lock", {"env": "production", "edges": {"user": {"login": "ada"}}}),
        status("success", "success", number=8),
        status("success", "success"),
    ]
    result = watched(gateway)
    assert result.exit_code == 0
    assert "#8" not in result.stdout
    assert "canceled" not in result.stdout


@pytest.mark.parametrize("event", ["ping", "reload"])
def test_an_event_that_was_missed_is_found_when_it_looks_again(
    gateway: FakeGateway, happens: list[Event], event: str
) -> None:
    happens.append((event, {}))
    assert watched(gateway).exit_code == 0


def test_a_gateway_that_is_away_for_a_while_ends_nothing(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    happens += [(AWAY, {}), (PING, {})]
    result = watched(gateway)
    assert result.exit_code == 0
    assert "has succeeded" in result.stderr


@pytest.mark.parametrize("event", ["ping", "reload"])
def test_a_gateway_that_is_away_when_it_looks_again_ends_nothing(
    gateway: FakeGateway,
    happens: list[Event],
    event: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gitploy.following.AGAIN_S", 0)
    away, there = (503, {"message": "Away."}), of_shop("success")
    for answers in [[away, there, there], [there, away, away, there]]:
        happens[:] = [(event, {})]
        gateway.answers[f"GET {REPO}/deployments/7"] = iter(answers)
        result = watched(gateway)
        assert result.exit_code == 0, result.output
        assert "has succeeded" in result.stderr


def test_whoever_may_not_look_any_more_is_told(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    happens.append((PING, {}))
    gateway.answers[f"GET {REPO}/deployments/7"] = 404, {"message": "Gone."}
    result = watched(gateway)
    assert (result.exit_code, "Gone." in result.stderr) == (4, True)


def test_whoever_watches_a_repository_is_told_that_the_gateway_is_away(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def events(_: object) -> AsyncIterator[Event]:
        yield AWAY, {}

    monkeypatch.setattr("gitploy.following.events", events)
    assert "gives no answer" in run(gateway, "watch", NAME).stderr


def test_for_programs_there_is_the_deployment_at_its_end(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    happens.append(status("success", "success"))
    assert json.loads(watched(gateway, "--json").stdout)["phase"] == "success"


def test_one_that_has_ended_is_told_at_once(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    del happens
    gateway.answers[f"GET {REPO}/deployments/7"] = of_shop("rejected", message="No.")
    result = run(gateway, "watch", "7", env={"GITPLOY_REPO": NAME})
    assert result.exit_code == 1
    assert "rejected" in result.stdout


def test_a_deployment_that_is_refused_at_once_is_not_followed(
    gateway: FakeGateway, happens: list[Event]
) -> None:
    del happens
    gateway.answers[f"POST {REPO}/deployments"] = 422, {"message": "Not active."}
    assert watched(gateway).exit_code == 1


def test_a_repository_is_followed_an_event_a_line(
    gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = of_shop("success", number=9)
    other["edges"]["repo"] = {"namespace": "demo", "name": "other"}

    async def events(_: object) -> AsyncIterator[Event]:
        for event in (
            (OPEN, {}),
            ("deployment", other),
            ("ping", {}),
            ("reload", {"reason": "too_old", "message": "Some was missed."}),
            ("deployment", of_shop("created")),
        ):
            yield event

    monkeypatch.setattr("gitploy.following.events", events)
    shown = run(gateway, "watch", NAME)
    assert "#7" in shown.stdout
    missed = f"Some was missed. `gitploy deployment list {NAME}` shows what there is."
    assert missed in shown.stderr
    lines = run(gateway, "watch", NAME, "--json").stdout.splitlines()
    reload, seven = map(json.loads, lines)
    assert reload == {
        "event": "reload",
        "data": {"reason": "too_old", "message": "Some was missed."},
    }
    assert seven["data"]["number"] == 7
