"""Which repositories somebody sees, and that nothing of one shows in another."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from api_gateway.domain.access import Permission
from shared.contracts import (
    STATUS_SYNC,
    Repository,
    RepositoryGone,
    RepositoryNameTaken,
)
from shared.testing import until

from .others import REPO, TOKEN, Others
from .people_at_github import (
    ADMIN,
    OTHER,
    READER,
    SHOP,
    STRANGER,
    WRITER,
    Town,
    active,
    bearer,
    names,
    status,
)


async def test_a_repository_is_there_before_gitploy_knows_it(town: Town) -> None:
    admin = await town.sign_in(ADMIN)
    assert await names(town, admin) == ["octo/other", "Octo/shop"]
    shown = await (await town.get("/repos/octo/other", admin)).json()
    assert (shown["id"], shown["active"], shown["command"]) == (OTHER.id, False, None)
    found = await (await town.get("/repos?q=OTH", admin)).json()
    assert [one["id"] for one in found] == [OTHER.id]
    town.github.known["octo/other"] = OTHER
    answer = await town.api.patch(
        "/api/v1/repos/octo/other", json={"active": True}, headers=bearer(admin)
    )
    assert (answer.status, (await answer.json())["active"]) == (200, True)


async def test_what_was_deployed_last_comes_first_if_wanted(town: Town) -> None:
    admin = await town.sign_in(ADMIN)
    body = {"type": "branch", "ref": "main", "env": "production"}
    path = f"/api/v1{SHOP}/deployments"
    assert (await town.api.post(path, json=body, headers=bearer(admin))).status == 201
    for secret, everything in ((admin, ["Octo/shop", "octo/other"]), (TOKEN, None)):
        answer = await town.get("/repos?sort=true&q=o", secret)
        shown = await answer.json()
        found = [f"{one['namespace']}/{one['name']}" for one in shown]
        assert found == (everything or ["Octo/shop"])
        assert len(shown[0]["edges"]["deployments"]) == 1


async def test_pages_of_repositories_lead_to_each_other(town: Town) -> None:
    # Every other one is known to GitHub alone, and one was deployed to.
    for id_, name in enumerate(["Alpha", "beta", "be-fore", "gamma", "shop_2"], 10):
        one = Repository(id=id_, full_name=f"octo/{name}")
        town.people.repositories_[id_] = town.github.known[f"octo/{name}"] = one
        town.people.may[ADMIN.id, id_] = Permission.ADMIN
        if id_ % 2:
            patch: Any = {"json": {"active": True}, "headers": bearer(TOKEN)}
            answer = await town.api.patch(f"/api/v1/repos/octo/{name}", **patch)
            assert answer.status == 200
    body = {"type": "branch", "ref": "main", "env": "production"}
    path = f"/api/v1{SHOP}/deployments"
    assert (await town.api.post(path, json=body, headers=bearer(TOKEN))).status == 201
    admin = await town.sign_in(ADMIN)
    names = ["Alpha", "be-fore", "beta", "gamma", "other", "shop", "shop_2"]
    lately = ["shop", *(name for name in names if name != "shop")]
    ours = ["beta", "gamma", "shop"]
    for size in (1, 2, 3, 7):
        per_page = f"per_page={size}"
        assert await pages(town, admin, f"/repos?{per_page}") == parts(names, size)
        found = await pages(town, admin, f"/repos?{per_page}&sort=true")
        assert found == parts(lately, size)
        found = await pages(town, TOKEN, f"/repos?{per_page}&q=octo/")
        assert found == parts(ours, size)


def parts(names: list[str], size: int) -> list[list[str]]:
    return [names[start : start + size] for start in range(0, len(names), size)]


async def pages(town: Town, secret: str, path: str) -> list[list[str]]:
    """All of them, as the header `Link` leads on."""
    told = []
    while path:
        answer = await town.get(path, secret)
        assert answer.status == 200, await answer.text()
        told.append([one["name"] for one in await answer.json()])
        following = answer.links.get("next")
        path = following["url"].path_qs.removeprefix("/api/v1") if following else ""
    return told


async def test_a_new_repository_can_be_activated_at_once(town: Town) -> None:
    admin = await town.sign_in(ADMIN)
    await names(town, admin)
    new = Repository(id=9, full_name="octo/new")
    town.people.repositories_[9] = town.github.known["octo/new"] = new
    town.people.may[ADMIN.id, 9] = Permission.ADMIN
    patch: Any = {"json": {"active": True}}
    path = "/api/v1/repos/octo/new"
    writer = await town.sign_in(WRITER)
    refused = await town.api.patch(path, headers=bearer(writer), **patch)
    unknown = await town.api.patch(
        "/api/v1/repos/octo/none", headers=bearer(writer), **patch
    )
    assert refused.status == unknown.status == 404
    told, other = await refused.json(), await unknown.json()
    assert told["message"].replace("new", "none") == other["message"]
    answer = await town.api.patch(path, headers=bearer(admin), **patch)
    assert answer.status == 200


async def test_a_name_that_means_another_repository_by_now_is_asked_about_again(
    town: Town,
) -> None:
    admin = await town.sign_in(ADMIN)
    # Our rows still have the name for what was renamed.
    other = Repository(id=9, full_name="octo/shop")
    town.people.repositories_[9] = town.github.known["octo/shop"] = other
    before = await town.service.store.last_position()
    sent: Any = {"json": {"active": True}, "headers": bearer(admin)}
    answer = await town.api.patch(f"/api/v1{SHOP}", **sent)
    assert (answer.status, (await answer.json())["message"]) == (
        404,
        "Gitploy does not know the repository octo/shop.",
    )
    only = bearer(await town.token(admin, repository="octo/shop"))
    town.people.may[ADMIN.id, 9] = Permission.WRITE
    town.clock.advance(timedelta(minutes=11))
    answer = await town.api.patch(f"/api/v1{SHOP}", **sent)
    assert (answer.status, (await answer.json())["message"]) == (
        403,
        ("This needs the permission admin on octo/shop at GitHub, and ada has write."),
    )
    town.people.may[ADMIN.id, 9] = Permission.ADMIN
    town.clock.advance(timedelta(minutes=11))
    answer = await town.api.patch(f"/api/v1{SHOP}", **sent | {"headers": only})
    assert answer.status == 404
    assert await town.service.store.last_position() == before
    answer = await town.api.patch(f"/api/v1{SHOP}", **sent)
    assert (answer.status, (await answer.json())["id"]) == (200, 9)


async def test_who_made_a_repository_anew_is_not_kept_out_by_the_old_one(
    town: Town,
) -> None:
    path = f"/api/v1{SHOP}/deployments"
    wanted = {"type": "branch", "ref": "main", "env": "production"}
    await town.api.post(path, json=wanted, headers=bearer(TOKEN))
    writer = await town.sign_in(WRITER)
    anew = Repository(id=9, full_name="octo/shop")
    await deleted(town)
    town.people.repositories_[9] = town.github.known["octo/shop"] = anew
    town.people.may[ADMIN.id, 9] = Permission.ADMIN
    admin = await town.sign_in(ADMIN)
    shown = await (await town.get(SHOP, admin)).json()
    assert (shown["id"], shown["active"]) == (9, False)
    # What was there before is nobody's who has only the new one.
    assert await status(town, admin, f"{SHOP}/deployments/1") == 404
    assert await status(town, writer) == 404
    answer = await town.api.patch(
        f"/api/v1{SHOP}", json={"active": True}, headers=bearer(admin)
    )
    assert (answer.status, (await answer.json())["id"]) == (200, 9)
    assert await (await town.get(f"{SHOP}/deployments", admin)).json() == []


async def test_who_has_what_took_a_name_is_let_in_there_before_the_rename_is_heard(
    town: Town,
) -> None:
    wanted = {"type": "branch", "ref": "main", "env": "production"}
    path = f"/api/v1{SHOP}/deployments"
    assert (await town.api.post(path, json=wanted, headers=bearer(TOKEN))).status == 201
    lock = {"env": "staging"}
    locked = await town.api.post(
        f"/api/v1{SHOP}/locks", json=lock, headers=bearer(TOKEN)
    )
    id_ = (await locked.json())["id"]
    stranger, writer = await town.sign_in(STRANGER), await town.sign_in(WRITER)
    hints: list[RepositoryNameTaken] = []

    async def hear(hint: RepositoryNameTaken) -> None:
        hints.append(hint)

    hearing = asyncio.create_task(
        town.bus.answer(STATUS_SYNC, {RepositoryNameTaken: hear})
    )
    town.people.repositories_[REPO.id] = Repository(id=REPO.id, full_name="octo/store")
    town.people.repositories_[9] = Repository(id=9, full_name="octo/shop")
    town.people.may[STRANGER.id, 9] = Permission.ADMIN
    # The second time it is known, and nobody has to be told.
    for _ in range(2):
        shown = await (await town.get(SHOP, stranger)).json()
        assert (shown["id"], shown["active"]) == (9, False)
    await until(lambda: bool(hints))
    assert [hint.repository.id for hint in hints] == [REPO.id]
    before = await town.service.store.last_position()
    for method, part in (
        ("GET", "/deployments"),
        ("GET", "/deployments/1"),
        ("POST", "/deployments"),
        ("POST", "/deployments/1/cancel"),
        ("GET", "/locks"),
        ("DELETE", f"/locks/{id_}"),
        ("GET", "/environments"),
    ):
        sent = wanted if method == "POST" and part == "/deployments" else {}
        answer = await town.api.request(
            method, f"/api/v1{SHOP}{part}", json=sent, headers=bearer(stranger)
        )
        assert (answer.status, method, part) == (404, method, part)
    assert await town.service.store.last_position() == before
    # Whoever has only the old one still finds it by that name.
    assert await status(town, writer, f"{SHOP}/deployments/1") == 200
    hearing.cancel()
    await asyncio.wait([hearing])


async def deleted(town: Town) -> None:
    """The repository is gone at GitHub, and that was heard."""
    del town.people.repositories_[REPO.id]
    town.clock.advance(timedelta(minutes=3))
    gone = RepositoryGone(repository=REPO, reason="deleted", seen_at=town.clock())
    await Others(town.bus, town.clock).say(gone)

    async def inactive() -> bool:
        return not (await (await town.get(SHOP, TOKEN)).json())["active"]

    await until(inactive)


async def test_what_is_of_another_repository_is_not_there(town: Town) -> None:
    town.github.known["octo/other"] = OTHER
    town.people.may[WRITER.id, REPO.id] = Permission.NONE
    town.people.may[WRITER.id, OTHER.id] = Permission.ADMIN
    patch: Any = {"json": {"active": True}, "headers": bearer(TOKEN)}
    assert (await town.api.patch("/api/v1/repos/octo/other", **patch)).status == 200
    locked = await town.api.post(
        f"/api/v1{SHOP}/locks", json={"env": "production"}, headers=bearer(TOKEN)
    )
    id_ = (await locked.json())["id"]
    body = {"type": "branch", "ref": "main", "env": "staging"}
    path = f"/api/v1{SHOP}/deployments"
    made = await town.api.post(path, json=body, headers=bearer(TOKEN))
    number = (await made.json())["number"]
    writer = bearer(await town.sign_in(WRITER))
    other = "/api/v1/repos/octo/other"
    for method, part in (
        ("GET", f"/locks/{id_}"),
        ("PATCH", f"/locks/{id_}"),
        ("DELETE", f"/locks/{id_}"),
        ("POST", f"/locks/{id_}/take-over"),
        ("GET", f"/deployments/{number}"),
        ("POST", f"/deployments/{number}/cancel"),
        ("PATCH", f"/deployments/{number}/review"),
    ):
        sent = {"status": "approved"} if part.endswith("review") else {}
        answer = await town.api.request(
            method, f"{other}{part}", json=sent, headers=writer
        )
        assert (answer.status, method, part) == (404, method, part)
    [still] = await (await town.get(f"{SHOP}/locks", TOKEN)).json()
    assert still["id"] == id_


async def test_only_the_organizations_that_gitploy_is_for_count(tmp_path: Path) -> None:
    async with active(tmp_path, organization_entries="acme") as town:
        admin = await town.sign_in(ADMIN)
        assert await names(town, admin) == []
        assert await status(town, admin) == 404


async def test_who_may_what_is_listed(town: Town) -> None:
    reader = await town.sign_in(READER)
    writer = await town.sign_in(WRITER)
    for secret in (reader, writer):
        await town.api.post("/api/v1/sync", headers=bearer(secret))
    listed = await (await town.get(f"{SHOP}/perms", reader)).json()
    assert [(p["edges"]["user"]["login"], p["repo_perm"]) for p in listed] == [
        ("rita", "read"),
        ("willy", "write"),
    ]
    assert listed[0]["edges"]["repo"]["name"] == "shop"
    found = await (await town.get(f"{SHOP}/perms?q=wil", reader)).json()
    assert [p["user_id"] for p in found] == [WRITER.id]
