"""What really happens at a GitHub that misbehaves."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from github_dispatcher.bootstrap import writer_of
from github_dispatcher.domain.answers import PostedStatus
from shared.contracts import (
    DispatchAttempted,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    GitHubDeploymentSeen,
    PinnedConfig,
    RemoteStatusPosted,
    RemoteStatusRefused,
    RemoteStatusRequested,
    Repository,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
)
from shared.store import utc_now
from shared.testing import until

from .conftest import ANN, HOOKS_URL, NAME, REPOSITORY, World, settings

CREATE = f"POST /repos/{NAME}/deployments"


async def test_the_pinned_commit_is_sent_and_nothing_is_left_to_github(
    world: World,
) -> None:
    config = PinnedConfig(
        commit=world.sha,
        digest="c" * 64,
        environment="production",
        task="deploy:web",
        description="The shop",
        payload={"color": "red"},
        production_environment=True,
    )
    order = world.order(config=config)
    async with world.dispatcher():
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
    assert await world.asked() == [f"{CREATE} 201"]
    (there,) = await world.deployments()
    assert there["payload"]["color"] == "red"
    assert there["payload"]["gitploy"]["deployment_id"] == str(order.deployment_id)
    assert there["payload"]["gitploy"]["ref"] == "main"
    assert (there["ref"], there["sha"]) == (world.sha, world.sha)
    assert (there["task"], there["description"]) == ("deploy:web", "The shop")
    assert there["production_environment"]
    assert (created.github_deployment_id, created.url) == (there["id"], there["url"])


async def test_a_string_payload_is_left_alone(world: World) -> None:
    config = PinnedConfig(
        commit=world.sha, digest="c" * 64, environment="production", payload="raw"
    )
    order = world.order(config=config)
    async with world.dispatcher():
        await world.faults(create_deployment={"empty_after_success": 1})
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
    (there,) = await world.deployments()
    assert there["id"] == created.github_deployment_id
    assert there["payload"] == "raw"
    assert there["description"] == f"(gitploy {order.deployment_id})"


async def test_a_502_after_success_makes_one(world: World) -> None:
    await one_despite(world, "bad_gateway_after_success")


async def test_an_empty_201_makes_one(world: World) -> None:
    await one_despite(world, "empty_after_success")


async def one_despite(world: World, fault: str) -> None:
    await world.faults(create_deployment={fault: 1})
    async with world.dispatcher():
        await world.tell(world.order())
        created = await world.hear(GitHubDeploymentCreated)
    attempted = await world.hear(DispatchAttempted)
    assert attempted.outcome == "ambiguous"
    (there,) = await world.deployments()
    assert there["id"] == created.github_deployment_id
    assert sum(call.startswith(CREATE) for call in await world.asked()) == 1


async def test_an_answer_that_comes_too_late_makes_one(world: World) -> None:
    await world.faults(create_deployment={"delay_after_success_s": 2.0})
    async with world.dispatcher():
        await world.tell(world.order())
        created = await world.hear(GitHubDeploymentCreated)
    (there,) = await world.deployments()
    assert there["id"] == created.github_deployment_id


async def test_a_webhook_settles_a_lost_answer_before_the_window_ends(
    world: World,
) -> None:
    await world.faults(create_deployment={"bad_gateway_after_success": 1})
    order = world.order()
    async with world.dispatcher(dispatch_spare_s=60):
        await world.tell(order)
        await world.hear(DispatchAttempted)
        (there,) = await world.deployments()
        await world.tell(seen(order.deployment_id, there["id"]))
        created = await world.hear(GitHubDeploymentCreated)
    assert created.github_deployment_id == there["id"]


async def test_a_secondary_limit_is_waited_out(world: World) -> None:
    await world.faults(create_deployment={"secondary_limit": 1, "retry_after_s": 1})
    async with world.dispatcher():
        await world.tell(world.order())
        attempted = await world.hear(DispatchAttempted)
        await world.hear(GitHubDeploymentCreated)
    assert attempted.outcome == "rate_limited"
    assert await world.asked() == [f"{CREATE} 403", f"{CREATE} 201"]


async def test_while_github_is_unavailable_nothing_is_concluded(world: World) -> None:
    await world.faults(answers={"unavailable": True})
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        await world.hear(DispatchAttempted)
        await until(lambda: looked_in_vain(world))
        assert not any(isinstance(f, GitHubDeploymentRefused) for f in world.heard)
        await world.faults(answers={"unavailable": False})
        await world.tell(order)
        await world.hear(GitHubDeploymentCreated)
    assert len(await world.deployments()) == 1


async def looked_in_vain(world: World) -> bool:
    path = f"GET /repositories/{REPOSITORY.id}/deployments"
    return any(call.startswith(path) for call in await world.asked())


async def test_an_unknown_commit_is_refused_with_what_to_do(world: World) -> None:
    async with world.dispatcher():
        await world.tell(world.order(sha="0" * 39 + "1"))
        refused = await world.hear(GitHubDeploymentRefused)
    assert refused.code == "ref_not_found"
    assert "push it again" in refused.message


async def test_a_cancel_sets_it_to_error_with_our_mark(world: World) -> None:
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
        await world.tell(world.cancel(order.deployment_id))
        canceled = await world.hear(GitHubDeploymentCanceled)
    assert canceled.github_deployment_id == created.github_deployment_id
    (status,) = await world.statuses(created.github_deployment_id)
    assert status["state"] == "error"
    assert status["description"] == f"Not today. (gitploy {order.deployment_id})"


async def test_a_cancel_spares_what_the_tooling_has_finished(world: World) -> None:
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
        path = f"/repos/{NAME}/deployments/{created.github_deployment_id}/statuses"
        await world.call("POST", path, {"state": "success"})
        await world.tell(world.cancel(order.deployment_id))
        await world.hear(GitHubDeploymentCanceled)
    (status,) = await world.statuses(created.github_deployment_id)
    assert status["state"] == "success"


async def test_the_tools_own_end_is_told_with_the_cancel(world: World) -> None:
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
        path = f"/repos/{NAME}/deployments/{created.github_deployment_id}/statuses"
        await world.call("POST", path, {"state": "failure"})
        last = await world.call("POST", path, {"state": "success"})
        await world.call("POST", path, {"state": "inactive"})
        await world.tell(world.cancel(order.deployment_id))
        canceled = await world.hear(GitHubDeploymentCanceled)
    assert canceled.final_github_status_id == last["id"]
    assert "ended it with success" in canceled.message


async def test_a_name_that_means_another_commit_by_now_is_stopped(world: World) -> None:
    config = PinnedConfig(
        commit=world.sha,
        digest="c" * 64,
        environment="production",
        ref_at_github="name",
    )
    order = world.order(config=config)
    moved = world.commit()
    await world.faults(create_deployment={"bad_gateway_after_success": 1})
    async with world.dispatcher():
        await world.tell(order)
        canceled = await world.hear(GitHubDeploymentCanceled)
    assert canceled.code == "sha_mismatch"
    (there,) = await world.deployments()
    assert (there["ref"], there["sha"]) == ("main", moved)
    assert [s["state"] for s in await world.statuses(there["id"])] == ["error"]


async def test_an_answer_lost_in_a_repository_that_is_gone_ends_with_that(
    world: World,
) -> None:
    await world.faults(create_deployment={"bad_gateway_after_success": 1})
    order = world.order(repository=REPOSITORY.model_copy(update={"id": 1}))
    lost = world.cancel(order.deployment_id).model_copy(update={"by": "repository"})
    async with world.dispatcher():
        await world.tell(order)
        await world.hear(DispatchAttempted)
        await world.tell(lost)
        canceled = await world.hear(GitHubDeploymentCanceled)
    assert not canceled.created
    assert "no such repository" in canceled.message
    assert sum(call.startswith(CREATE) for call in await world.asked()) == 1


async def test_a_tool_that_repeats_the_description_is_stopped_all_the_same(
    world: World,
) -> None:
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
        path = f"/repos/{NAME}/deployments/{created.github_deployment_id}/statuses"
        told = f"The shop (gitploy {order.deployment_id})"
        await world.call("POST", path, {"state": "in_progress", "description": told})
        await world.tell(world.cancel(order.deployment_id))
        await world.hear(GitHubDeploymentCanceled)
    states = [s["state"] for s in await world.statuses(created.github_deployment_id)]
    assert sorted(states) == ["error", "in_progress"]


async def test_a_deployment_that_is_gone_is_canceled(world: World) -> None:
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        created = await world.hear(GitHubDeploymentCreated)
        path = f"/repos/{NAME}/deployments/{created.github_deployment_id}"
        async with world.session.delete(
            world.url + path, headers={"Authorization": "Bearer sandbox-token"}
        ) as answer:
            assert answer.status == 204
        await world.tell(world.cancel(order.deployment_id))
        canceled = await world.hear(GitHubDeploymentCanceled)
    assert "deleted" in canceled.message


async def test_a_second_deployment_with_our_marker_is_set_to_error(
    world: World,
) -> None:
    order = world.order()
    async with world.dispatcher():
        await world.tell(order)
        await world.hear(GitHubDeploymentCreated)
        (first,) = await world.deployments()
        body = {"ref": world.sha, "auto_merge": False, "required_contexts": []}
        twin = await world.call(
            "POST",
            f"/repos/{NAME}/deployments",
            {**body, "payload": first["payload"], "environment": "production"},
        )
        await world.tell(seen(order.deployment_id, twin["id"]))
        shown = await world.hear(DispatchAttempted)
    assert shown.outcome == "extra_stopped"
    assert [s["state"] for s in await world.statuses(twin["id"])] == ["error"]
    assert await world.statuses(first["id"]) == []


def seen(deployment_id: object, number: int) -> GitHubDeploymentSeen:
    return GitHubDeploymentSeen.model_validate(
        {
            "deployment_id": deployment_id,
            "repository": REPOSITORY,
            "github_deployment_id": number,
            "environment": "production",
            "task": "deploy",
            "sha": "a" * 40,
        }
    )


def wish(number: int, **changes: Any) -> RemoteStatusRequested:
    told = {
        "command_id": uuid4(),
        "repository": REPOSITORY,
        "requested_by": ANN,
        "deployment_id": uuid4(),
        "github_deployment_id": number,
        "state": "success",
        "description": "Went out.",
        "log_url": "https://ci.example.com/7",
        "environment_url": "https://shop.example.com",
    }
    return RemoteStatusRequested.model_validate(told | changes)


async def test_a_status_that_somebody_wants_is_posted_as_it_was_wanted(
    world: World,
) -> None:
    async with world.dispatcher():
        await world.tell(world.order())
        created = await world.hear(GitHubDeploymentCreated)
        wanted = wish(created.github_deployment_id)
        await world.tell(wanted)
        posted = await world.recorded(RemoteStatusPosted)
    (status,) = await world.statuses(created.github_deployment_id)
    assert status["id"] == posted.github_status_id
    told = ("state", "description", "log_url", "environment_url")
    assert [status[name] for name in told] == [getattr(wanted, name) for name in told]
    assert posted.command_id == wanted.command_id


async def test_a_posted_status_is_found_by_its_content_and_age(world: World) -> None:
    writer = writer_of(settings(world.url, world.data), world.session, utc_now)
    made = await world.call(
        "POST",
        f"/repos/{NAME}/deployments",
        {"ref": world.sha, "auto_merge": False, "required_contexts": []},
    )
    wanted = wish(made["id"])
    before, later = utc_now(), utc_now() + timedelta(minutes=1)
    answer = await writer.post_status(wanted, REPOSITORY, later)
    assert isinstance(answer, PostedStatus)
    since = before - timedelta(seconds=2)
    assert await writer.find_status(wanted, since) == [answer.id]
    assert await writer.find_status(wanted, later) == []
    for other in ({"state": "failure"}, {"description": ""}, {"log_url": ""}):
        assert await writer.find_status(wish(made["id"], **other), since) == []
    assert await writer.post_status(wanted, REPOSITORY, before) != answer
    assert len(await world.statuses(made["id"])) == 1


@pytest.mark.parametrize(
    ("repository", "code"), [(REPOSITORY, "deployment_gone"), (None, "repository_gone")]
)
async def test_a_status_of_what_is_gone_is_refused(
    world: World, repository: Repository | None, code: str
) -> None:
    hidden = REPOSITORY.model_copy(update={"id": 1})
    async with world.dispatcher():
        await world.tell(wish(404, repository=repository or hidden))
        refused = await world.recorded(RemoteStatusRefused)
    assert refused.code == code


async def test_a_status_that_github_does_not_take_is_refused_with_its_reason(
    world: World,
) -> None:
    async with world.dispatcher():
        await world.tell(world.order())
        created = await world.hear(GitHubDeploymentCreated)
        await world.tell(wish(created.github_deployment_id, description="d" * 141))
        refused = await world.recorded(RemoteStatusRefused)
    assert refused.code == "invalid"
    assert "140" in refused.message


def activation() -> RepositoryActivationRequested:
    return RepositoryActivationRequested(
        command_id=uuid4(), repository=REPOSITORY, requested_by=ANN
    )


async def test_activation_makes_one_webhook_however_often(world: World) -> None:
    async with world.dispatcher():
        await world.tell(activation())
        activated = await world.hear(RepositoryActivated)
        world.heard.clear()
        await world.tell(activation())
        again = await world.hear(RepositoryActivated)
    assert activated.webhook_id == again.webhook_id
    (hook,) = await world.call("GET", f"/repos/{NAME}/hooks")
    assert hook["config"]["url"] == HOOKS_URL
    assert hook["config"]["content_type"] == "json"
    assert {"deployment", "deployment_status", "push"} <= set(hook["events"])


async def test_deactivation_removes_the_webhook(world: World) -> None:
    async with world.dispatcher():
        await world.tell(activation())
        await world.hear(RepositoryActivated)
        await world.tell(
            RepositoryDeactivationRequested(
                command_id=uuid4(), repository=REPOSITORY, requested_by=ANN
            )
        )
        await world.hear(RepositoryDeactivated)
    assert await world.call("GET", f"/repos/{NAME}/hooks") == []


async def test_a_token_that_github_does_not_accept_is_told(world: World) -> None:
    async with world.dispatcher(github_token="wrong"):
        await world.tell(activation())
        refused = await world.hear(RepositoryActivationRefused)
        await world.tell(world.order())
        attempted = await world.hear(DispatchAttempted)
    assert refused.code == attempted.outcome == "bad_credentials"


async def test_a_repository_that_github_hides_is_told(world: World) -> None:
    other = REPOSITORY.model_copy(update={"id": 1})
    async with world.dispatcher():
        await world.tell(activation().model_copy(update={"repository": other}))
        refused = await world.hear(RepositoryActivationRefused)
    assert refused.code == "forbidden"


async def test_more_than_the_pace_allows_is_sent_later(world: World) -> None:
    async with world.dispatcher(
        github_writes_per_minute=120, github_writes_burst=2, dispatch_spare_s=5
    ):
        for number in range(4):
            await world.tell(world.order(number=number))
        await until(lambda: made(world) == 4)
    assert await world.asked() == 4 * [f"{CREATE} 201"]
    assert not any(isinstance(fact, DispatchAttempted) for fact in world.heard)


def made(world: World) -> int:
    return sum(isinstance(fact, GitHubDeploymentCreated) for fact in world.heard)
