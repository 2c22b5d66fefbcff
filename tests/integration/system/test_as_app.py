"""The whole system as a GitHub App: followed without a webhook, deployed to the end."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from shared.github import READING
from shared.testing import until
from tests.integration.github_sandbox.signing import signed

from .as_app import AsApp, bearer, system_as_app
from .world import REPOSITORY


@pytest.fixture
async def as_app(tmp_path: Path) -> AsyncIterator[AsApp]:
    async with system_as_app(tmp_path) as here:
        yield here


async def test_a_deployment_goes_all_the_way(as_app: AsApp) -> None:
    status, repository = await as_app.activate()
    assert (status, repository["active"]) == (200, True)
    assert await as_app.at_github("GET", f"/repos/{REPOSITORY}/hooks") == []
    number = (await as_app.deploy())["number"]
    (made,) = await as_app.deployments()
    assert made["creator"]["login"] == "gitploy[bot]"
    await as_app.tool_says("success")
    await as_app.stands(number, status="success")


async def test_where_the_app_is_not_installed_is_the_link(as_app: AsApp) -> None:
    await as_app.change_app(covers=False)
    status, refused = await as_app.activate()
    assert (status, refused["code"]) == (422, "app_not_installed")
    assert "/apps/gitploy/installations/new" in refused["message"]
    await as_app.change_app(covers=True)
    assert (await as_app.activate())[0] == 200


async def test_a_push_is_deployed_once_however_often_it_is_told(
    as_app: AsApp,
) -> None:
    await as_app.activate()
    sha = as_app.push()
    await as_app.stands(1, status="created", env="staging", sha=sha)
    for delivery in [d for d in as_app.sandbox.store.deliveries if d.event == "push"]:
        path = f"/app/hook/deliveries/{delivery.id}/attempts"
        async with as_app.github.post(path, headers=bearer(signed())) as answer:
            assert answer.status == 202, await answer.text()
    await as_app.tool_says("success")
    await as_app.stands(1, status="success")
    assert len(await as_app.deployments()) == 1


async def test_what_was_not_delivered_is_swept_at_the_app(as_app: AsApp) -> None:
    await as_app.activate()
    await as_app.faults(webhooks={"drop": 1.0})
    sha = as_app.push()
    await as_app.stands(1, status="created", env="staging", sha=sha)
    await as_app.tool_says("success")
    await as_app.stands(1, status="success")


@pytest.mark.parametrize(
    "change",
    [{"covers": False}, {"installed": False}, {"suspended": True}],
    ids=["taken from the App", "uninstalled", "suspended"],
)
async def test_what_runs_where_the_app_is_taken_away_ends_with_that_reason(
    tmp_path: Path, change: dict[str, bool]
) -> None:
    async with system_as_app(tmp_path, repository_gone_after_s=0.5) as as_app:
        await as_app.activate()
        number = await as_app.running()
        await as_app.change_app(**change)
        await as_app.stands(number, phase="canceled", code="repository_gone")
        refused = await as_app.ask_to_deploy()
        assert refused["code"] == "entity_unprocessable"
        assert "activate" in refused["message"]
        # What is given back has to be activated again.
        await as_app.change_app(**{name: not value for name, value in change.items()})
        assert (await as_app.activate())[0] == 200
        assert (await as_app.ask_to_deploy())["status"] == "created"


async def test_a_suspension_that_is_soon_over_ends_nothing(as_app: AsApp) -> None:
    await as_app.activate()
    number = await as_app.running()
    await as_app.change_app(suspended=True)
    await as_app.change_app(suspended=False)
    await as_app.tool_says("success")
    await as_app.stands(number, status="success")


async def test_no_token_may_do_more_than_its_service(as_app: AsApp) -> None:
    await as_app.activate()
    await as_app.running()
    minted = [dict(t.permissions) for t in as_app.sandbox.store.installation_tokens]
    writing = {"deployments": "write", "metadata": "read"}
    assert [one for one in minted if one != READING] == [writing]
    # The verifier, status-sync and the gateway, each has its own.
    assert minted.count(dict(READING)) >= 3


WRITES: Final = (
    ("POST", "/deployments", {"ref": "main"}),
    ("POST", "/deployments/{id}/statuses", {"state": "success"}),
    ("DELETE", "/deployments/{id}", None),
    ("POST", "/statuses/{sha}", {"state": "success"}),
    ("POST", "/check-runs", {"name": "ci", "head_sha": "{sha}"}),
    ("POST", "/hooks", {"config": {"url": "https://a.example"}}),
    ("PATCH", "", {"description": "Mine"}),
    ("DELETE", "", None),
)


async def test_who_only_reads_can_write_nothing(as_app: AsApp) -> None:
    await as_app.activate()
    await as_app.deploy()
    (made,) = await as_app.deployments()
    reader = bearer(await as_app.minted(READING))
    async with as_app.github.get(f"/repos/{REPOSITORY}", headers=reader) as answer:
        assert answer.status == 200
    for method, path, body in WRITES:
        url = f"/repos/{REPOSITORY}{path.format(**made)}"
        request = as_app.github.request(method, url, json=body, headers=reader)
        async with request as answer:
            assert answer.status == 403, (method, path, await answer.text())
            assert "not accessible by integration" in await answer.text()


async def test_tokens_that_end_are_renewed_under_way(as_app: AsApp) -> None:
    # They are replaced five minutes before their end: nearly at once.
    await as_app.faults(app={"token_life_s": 301.0})
    await as_app.activate()
    number = await as_app.running()
    kept = as_app.sandbox.store.installation_tokens
    before = len(kept)
    # The sweep asks GitHub all the time.
    await until(lambda: len(kept) > before + 1)
    await as_app.tool_says("success")
    await as_app.stands(number, status="success")


async def test_tokens_that_github_ends_are_replaced(as_app: AsApp) -> None:
    await as_app.activate()
    number = await as_app.running()
    kept = as_app.sandbox.store.installation_tokens
    for token in list(kept):
        kept.delete(token)
    assert (await as_app.ask_to_deploy())["status"] == "created"
    assert 0 < len(kept) <= 4
    await as_app.stands(number, status="running")


async def test_who_takes_back_what_they_allowed_is_out_at_once(as_app: AsApp) -> None:
    await as_app.activate()
    session = await as_app.sign_in("deployer")
    made = await as_app.personal_token(session)
    assert await as_app.seen_by(session) == await as_app.seen_by(made) == 200
    await as_app.at_github("DELETE", "/_sandbox/people/deployer/tokens")

    async def is_out() -> bool:
        # This asks GitHub for nothing.
        return await as_app.seen_by(session, "/api/v1/user") == 401

    await until(is_out)
    assert await as_app.seen_by(made) == 401
    assert await as_app.seen_by(await as_app.sign_in("deployer")) == 200
