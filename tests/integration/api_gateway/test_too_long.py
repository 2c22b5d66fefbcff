"""What can't be found in time is answered by what to ask for instead."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection

from shared.store import TooLongError

from .conftest import World

Look = Callable[[Connection], Any]


@pytest.fixture
async def slow(active: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Give the test a gateway that finds no lists of deployments in time."""
    views, read = active.service.store.views, active.service.store.views.read

    async def slowly(look: Look) -> Any:
        if "of_all" in look.__qualname__ or "listed" in look.__qualname__:
            raise TooLongError
        return await read(look)

    monkeypatch.setattr(views, "read", slowly)
    return active


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("repos/octo/shop/deployments?env=x&status=failure", "`env`, `status`"),
        ("search/deployments", "`from`, `to`, `ref`, `sha`, `who`, `statuses`"),
        ("repos/octo/shop/dora", "`from`, `to`"),
    ],
)
async def test_who_asks_for_too_much_is_told_by_what_to_ask_for_less(
    slow: World, path: str, names: str
) -> None:
    answer = await slow.api.get(f"/api/v1/{path}")
    told = await answer.json()
    assert (answer.status, told["code"]) == (422, "entity_unprocessable")
    assert told["message"] == (
        "Looking this up was given up after 5 s: too much had to be looked through. "
        f"Ask for less by these, or by fewer of them: {names}."
    )
    assert (await slow.api.get("/api/v1/repos/octo/shop")).status == 200


async def test_who_can_ask_for_no_less_is_told_to_ask_again(
    active: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slowly(_: Look) -> Any:
        raise TooLongError

    monkeypatch.setattr(active.service.store.views, "read", slowly)
    answer = await active.api.get("/api/v1/repos/octo/shop")
    told = await answer.json()
    assert (answer.status, told["code"]) == (503, "internal_error")
    assert told["message"].endswith("5 s: the database is slow now. Ask again.")
    assert answer.headers["Retry-After"] == "5"
