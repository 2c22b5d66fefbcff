"""Who is known, who administers, and what is shown of everybody's deeds."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import ClientPayloadError

from api_gateway.accounts import Accounts
from shared.store import Action, Actions

from .others import TOKEN
from .people_at_github import (
    ADMIN,
    OPERATOR,
    READER,
    STRANGER,
    WRITER,
    Town,
    bearer,
    folder,
    signing_in,
    town_of,
    who,
)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with town_of(signing_in(folder(tmp_path))) as town:
        yield town


async def test_users_are_listed_changed_and_deleted(town: Town) -> None:
    operator, reader = await town.sign_in(OPERATOR), await town.sign_in(READER)
    listed = await (await town.get("/users", operator)).json()
    assert [one["login"] for one in listed] == ["olga", "rita"]
    found = await (await town.get("/users?q=IT", operator)).json()
    assert [one["login"] for one in found] == ["rita"]
    path = f"/api/v1/users/{READER.id}"
    for admin, status in ((True, 200), (False, 403)):
        answer = await town.api.patch(
            path, json={"admin": admin}, headers=bearer(operator)
        )
        assert (answer.status, (await answer.json())["admin"]) == (200, admin)
        assert (await town.get("/users", reader)).status == status
    # That of the settings is not undone here.
    answer = await town.api.patch(
        f"/api/v1/users/{OPERATOR.id}", json={"admin": False}, headers=bearer(operator)
    )
    assert answer.status == 422
    assert (await answer.json())["message"] == (
        "The settings make olga an administrator: change GITPLOY_ADMIN_USERS or "
        "GITPLOY_API_TOKENS."
    )
    token = await town.token(reader)
    assert (await town.api.delete(path, headers=bearer(operator))).status == 200
    assert (await town.api.delete(path, headers=bearer(operator))).status == 404
    assert [await who(town, secret) for secret in (reader, token)] == [401, 401]
    told = await (await town.get("/audit?who=OLGA", operator)).json()
    assert [one["action"] for one in told] == [
        "user_deleted",
        "admin_changed",
        "admin_changed",
        "signed_in",
    ]


async def test_who_is_an_admin_by_a_token_of_the_settings_is_shown_as_one(
    tmp_path: Path,
) -> None:
    theirs = {"token": "of-rita", "id": READER.id, "login": "rita", "admin": True}
    async with town_of(signing_in(folder(tmp_path), api_tokens=[theirs])) as town:
        session = await town.sign_in(READER)
        assert (await who(town, session))["admin"] is True
        [listed] = await (await town.get("/users", "of-rita")).json()
        assert (listed["login"], listed["admin"]) == ("rita", True)
        answer = await town.api.patch(
            f"/api/v1/users/{READER.id}",
            json={"admin": False},
            headers=bearer("of-rita"),
        )
        assert answer.status == 422


def shown(answer: Any) -> dict[str, str]:
    """Where the header `Link` leads."""
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"])
    return {rel: url for url, rel in found}


@pytest.mark.parametrize("path", ["/users", "/repos/octo/shop/perms", "/audit"])
async def test_lists_lead_on(town: Town, path: str) -> None:
    for one in (READER, WRITER, ADMIN):
        await town.sign_in(one)
    await town.api.patch(
        "/api/v1/repos/octo/shop", json={"active": True}, headers=bearer(TOKEN)
    )
    everything = await (await town.get(path, TOKEN)).json()
    found: list[Any] = []
    url = f"{path}?per_page=2"
    for _ in range(len(everything)):
        answer = await town.get(url, TOKEN)
        part = await answer.json()
        found += part
        links = shown(answer)
        assert links["first"] == f"/api/v1{path}?per_page=2&page=1"
        if "next" not in links:
            break
        assert len(part) == 2
        url = links["next"].removeprefix("/api/v1")
    assert len(found) >= 3
    assert found == everything
    assert "next" not in shown(await town.get(f"{path}?per_page={len(found)}", TOKEN))


async def test_an_admin_by_hand_stays_one_after_signing_in_again(town: Town) -> None:
    operator = await town.sign_in(OPERATOR)
    await town.sign_in(READER)
    path = f"/api/v1/users/{READER.id}"
    await town.api.patch(path, json={"admin": True}, headers=bearer(operator))
    assert (await who(town, await town.sign_in(READER)))["admin"] is True


async def test_a_name_that_somebody_else_has_now_administers_nothing(
    tmp_path: Path,
) -> None:
    async with town_of(signing_in(folder(tmp_path))) as town:
        before = await town.sign_in(OPERATOR)
        town.people.rename(OPERATOR, STRANGER)
        after = await town.sign_in("olga")
        assert (await who(town, after))["id"] == STRANGER.id
        assert (await who(town, before))["admin"] is False


async def test_the_licence_limits_nothing(town: Town) -> None:
    shown = await (await town.get("/license", await town.sign_in(READER))).json()
    assert (shown["kind"], shown["memeber_limit"]) == ("oss", 2**53 - 1)


async def test_slack_is_not_there_yet(town: Town) -> None:
    for method in ("HEAD", "GET"):
        assert (await town.api.request(method, "/slack")).status == 404


async def test_what_answers_nothing_has_no_body(town: Town) -> None:
    operator, reader = await town.sign_in(OPERATOR), await town.sign_in(READER)
    token = await (
        await town.api.post(
            "/api/v1/user/tokens",
            json={"name": "t", "scope": "read"},
            headers=bearer(operator),
        )
    ).json()
    again = bearer(reader) | {"Idempotency-Key": "k"}
    for method, path, headers in (
        ("POST", "/sync", bearer(reader)),
        ("POST", "/sync", again),
        ("POST", "/sync", again),
        ("DELETE", f"/user/tokens/{token['id']}", bearer(operator)),
        ("DELETE", f"/users/{READER.id}", bearer(operator)),
    ):
        answer = await town.api.request(method, f"/api/v1{path}", headers=headers)
        assert (answer.status, await answer.read()) == (200, b""), path


async def test_all_that_people_did_is_exported(town: Town) -> None:
    session = await town.sign_in(OPERATOR)
    for n in range(3):
        await town.token(session, name=f"t{n}")
    headers = bearer(session) | {"Accept": "application/x-ndjson"}
    answer = await town.api.get("/api/v1/audit", headers=headers)
    assert answer.content_type == "application/x-ndjson"
    lines = (await answer.text()).splitlines()
    assert len(lines) == 5
    page = await (await town.get("/audit?per_page=2&page=2", session)).json()
    assert len(page) == 2
    assert (await town.get("/audit?page=101&per_page=100", session)).status == 400


async def test_an_export_that_breaks_off_is_not_taken_for_a_whole_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api_gateway.routes.audit.AT_ONCE", 2)
    session = await town.sign_in(OPERATOR)
    for n in range(5):
        await town.token(session, name=f"t{n}")
    whole, asked = Accounts.audit, 0

    async def breaks(self: Accounts, *args: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked > 2:
            raise OSError("The database has gone.")
        return await whole(self, *args)

    monkeypatch.setattr(Accounts, "audit", breaks)
    headers = bearer(session) | {"Accept": "application/x-ndjson"}
    answer = await town.api.get("/api/v1/audit", headers=headers)
    assert answer.status == 200
    with pytest.raises(ClientPayloadError):
        await answer.read()


async def test_the_export_has_all_that_operators_did_in_one_order(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api_gateway.routes.audit.AT_ONCE", 3)
    session = await town.sign_in(OPERATOR)
    actions = Actions(town.service.store)
    begun = town.clock()
    for n in range(10):
        # Several at once: their ids tell which came first.
        at = begun + timedelta(minutes=n // 4)
        await actions.record(
            Action(at, "ann@desk", "drop", f"letter {n}", "It is old.")
        )
        if n == 5:
            town.clock.advance(timedelta(seconds=30))
            await town.token(session, name="between")
    headers = bearer(session) | {"Accept": "application/x-ndjson"}
    answer = await town.api.get("/api/v1/audit?from=2020-01-01T00:00Z", headers=headers)
    lines = [orjson.loads(line) for line in (await answer.text()).splitlines()]
    times = [line["at"] for line in lines]
    assert times == sorted(times, reverse=True)
    subjects = [line["subject"] for line in lines if line["source"] == "operator"]
    assert subjects == [f"letter {n}" for n in reversed(range(10))]
    assert len({line["id"] for line in lines}) == len(lines)
    assert "between" in {line["subject"] for line in lines}
    for wanted, count in (
        ("who=ANN@desk", 10),
        ("who=olga", 0),
        ("action=drop", 10),
        ("action=rewind", 0),
        ("repository=octo/shop", 0),
        (f"to={begun:%Y-%m-%dT%H:%M:%SZ}", 4),
    ):
        answer = await town.api.get(f"/api/v1/audit?{wanted}", headers=headers)
        assert answer.status == 200, wanted
        lines = [orjson.loads(line) for line in (await answer.text()).splitlines()]
        found = [line for line in lines if line["source"] == "operator"]
        assert len(found) == count, wanted
    noted = await (await town.get("/audit?action=audit_exported", session)).json()
    assert {"action": "drop"} in [one["details"] for one in noted]
    assert {"who": "ANN@desk"} in [one["details"] for one in noted]
