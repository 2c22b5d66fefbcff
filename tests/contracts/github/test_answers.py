"""Every path of the sandbox exists at GitHub, and answers what GitHub says it does."""

from dataclasses import dataclass
from typing import Any

import pytest

from github_sandbox.routes import ROUTES
from tests.integration.github_sandbox.signing import (
    OAUTH,
    Signing,
    app_delivery,
    installed,
    mint,
    signed,
)
from tests.integration.github_sandbox.world import NAME, World

from .published import anonymous, need, operations, problems_of_answer

REPO = "/repos/{owner}/{repo}"
DEPLOYMENTS = f"{REPO}/deployments"
ONE = f"{DEPLOYMENTS}/{{deployment_id}}"
HOOKS = f"{REPO}/hooks"
HOOK = f"{HOOKS}/{{hook_id}}"
INSTALLATION = "/app/installations/{installation_id}"
CREATE = {"ref": "main", "auto_merge": False, "required_contexts": []}
OTHER_HOOK = {"config": {"url": "http://127.0.0.1:1/", "content_type": "json"}}

ASKED: list[tuple[str, str, int, Any]] = [
    ("GET", REPO, 200, None),
    ("PATCH", REPO, 200, {"name": "market", "archived": True}),
    ("PATCH", REPO, 422, {"name": "a/b"}),
    ("DELETE", REPO, 204, None),
    ("GET", f"{REPO}/collaborators/{{login}}/permission", 200, None),
    ("GET", f"{REPO}/collaborators/{{nowhere}}/permission", 404, None),
    ("GET", f"{REPO}/branches", 200, None),
    ("GET", f"{REPO}/branches/{{branch}}", 200, None),
    ("GET", f"{REPO}/tags", 200, None),
    ("GET", f"{REPO}/git/ref/{{full_ref}}", 200, None),
    ("GET", f"{REPO}/git/tags/{{tag_sha}}", 200, None),
    ("GET", f"{REPO}/commits", 200, None),
    ("GET", f"{REPO}/commits/{{sha}}", 200, None),
    ("GET", f"{REPO}/commits/{{nowhere}}", 422, None),
    ("GET", f"{REPO}/commits/{{sha}}/status", 200, None),
    ("GET", f"{REPO}/commits/{{sha}}/statuses", 200, None),
    ("GET", f"{REPO}/commits/{{sha}}/check-runs", 200, None),
    ("GET", f"{REPO}/commits/{{sha}}/check-suites", 200, None),
    ("GET", f"{REPO}/compare/{{span}}", 200, None),
    ("GET", f"{REPO}/contents/{{file}}", 200, None),
    ("GET", f"{REPO}/contents/{{folder}}", 200, None),
    ("GET", f"{REPO}/contents/{{nowhere}}", 404, None),
    ("POST", f"{REPO}/statuses/{{sha}}", 201, {"state": "success"}),
    ("POST", f"{REPO}/check-runs", 201, {"name": "a", "head_sha": "{sha}"}),
    ("GET", f"{REPO}/check-runs/{{run_id}}", 200, None),
    ("PATCH", f"{REPO}/check-runs/{{run_id}}", 200, {"conclusion": "failure"}),
    ("POST", DEPLOYMENTS, 201, CREATE),
    ("POST", DEPLOYMENTS, 202, {"ref": "behind"}),
    ("POST", DEPLOYMENTS, 409, {"ref": "main", "required_contexts": ["absent"]}),
    ("POST", DEPLOYMENTS, 422, {"ref": "nowhere"}),
    ("POST", DEPLOYMENTS, 422, {"ref": "main", "payload": [1]}),
    ("GET", DEPLOYMENTS, 200, None),
    ("GET", ONE, 200, None),
    ("GET", f"{DEPLOYMENTS}/{{unknown}}", 404, None),
    ("DELETE", ONE, 204, None),
    ("POST", f"{ONE}/statuses", 201, {"state": "success", "environment": "x"}),
    ("POST", f"{ONE}/statuses", 422, {"state": "success", "description": "x" * 141}),
    ("GET", f"{ONE}/statuses", 200, None),
    ("GET", f"{ONE}/statuses/{{status_id}}", 200, None),
    ("POST", HOOKS, 201, OTHER_HOOK),
    ("POST", HOOKS, 422, {"config": {"content_type": "json"}}),
    ("GET", HOOKS, 200, None),
    ("GET", HOOK, 200, None),
    ("PATCH", HOOK, 200, {"add_events": ["push"]}),
    ("DELETE", HOOK, 204, None),
    ("POST", f"{HOOK}/pings", 204, None),
    ("GET", f"{HOOK}/deliveries", 200, None),
    ("GET", f"{HOOK}/deliveries/{{delivery_id}}", 200, None),
    ("POST", f"{HOOK}/deliveries/{{delivery_id}}/attempts", 202, None),
    ("GET", "/user", 200, None),
    ("GET", f"{REPO}/installation", 200, None),
    ("GET", "/app", 200, None),
    ("GET", "/app/installations", 200, None),
    ("GET", INSTALLATION, 200, None),
    ("GET", "/app/installations/{unknown}", 404, None),
    ("POST", f"{INSTALLATION}/access_tokens", 201, {}),
    (
        "POST",
        f"{INSTALLATION}/access_tokens",
        201,
        {"permissions": {"contents": "read"}},
    ),
    (
        "POST",
        f"{INSTALLATION}/access_tokens",
        422,
        {"permissions": {"contents": "write"}},
    ),
    ("GET", "/app/hook/config", 200, None),
    ("GET", "/app/hook/deliveries", 200, None),
    ("GET", "/app/hook/deliveries/{app_delivery_id}", 200, None),
    ("POST", "/app/hook/deliveries/{app_delivery_id}/attempts", 202, None),
    ("GET", "/installation/repositories", 200, None),
    ("GET", "/user/orgs", 200, None),
    ("GET", "/user/repos", 200, None),
    ("DELETE", "/applications/{client_id}/token", 204, {"access_token": "{token}"}),
    ("DELETE", "/applications/{client_id}/token", 422, {"access_token": "other"}),
    ("DELETE", "/applications/{client_id}/grant", 204, {"access_token": "{token}"}),
    ("DELETE", "/applications/{client_id}/grant", 422, {}),
    ("GET", "/users/{login}", 200, None),
    ("GET", "/users/{nowhere}", 404, None),
    ("GET", "/orgs/{owner}/teams/{team}/members", 200, None),
    ("GET", "/rate_limit", 200, None),
]


@dataclass(frozen=True)
class Furnished:
    """A world with one of everything, and what it is called."""

    world: World
    names: dict[str, str]

    def path(self, template: str) -> str:
        return template.format(**self.names)

    def who(self, template: str) -> dict[str, Any]:
        """How to say who asks, where it isn't by the usual token."""
        if template.startswith("/applications/"):
            return {"token": None, "headers": Signing(self.world).basic}
        if template.startswith("/app") or template.endswith("/installation"):
            return {"token": signed()}
        if template.startswith("/installation/"):
            return {"token": self.names["app_token"]}
        return {}


@pytest.fixture
async def furnished(world: World) -> Furnished:
    git = world.repository
    git.branch("behind")
    git.git("checkout", "-q", "main")
    git.commit("ops/deploy.yml")
    git.git("tag", "-a", "v1", "-m", "One")
    sha = git.git("rev-parse", "main")
    hook = await world.hook("deployment")
    (delivery,) = await world.delivered(hook, 1)
    deployment = (await world.deploy(description="A deployment"))["id"]
    status = (await world.post_status(deployment, "queued"))["id"]
    repo = f"/repos/{NAME}"
    run = {"name": "test", "head_sha": sha, "conclusion": "success"}
    run_id = (await world.call("POST", f"{repo}/check-runs", run)).json["id"]
    await world.call("POST", f"{repo}/statuses/{sha}", {"state": "success"})
    owner, _, name = NAME.partition("/")
    return Furnished(
        world,
        {
            "owner": owner,
            "repo": name,
            "sha": sha,
            "branch": "main",
            "full_ref": "tags/v1",
            "tag_sha": git.git("rev-parse", "refs/tags/v1"),
            "span": "behind...main",
            "file": "ops/deploy.yml",
            "folder": "ops",
            "nowhere": "nowhere",
            "unknown": "1",
            "login": "mona",
            "client_id": OAUTH.id,
            "installation_id": str(await installed(world)),
            "app_token": (await mint(world)).json["token"],
            "app_delivery_id": str((await app_delivery(world, "success"))["id"]),
            "token": await Signing(world).token("admin"),
            "team": "deployers",
            "run_id": str(run_id),
            "deployment_id": str(deployment),
            "status_id": str(status),
            "hook_id": str(hook),
            "delivery_id": str(delivery["id"]),
        },
    )


@pytest.mark.parametrize(("method", "template", "status", "body"), ASKED)
async def test_the_answer_is_githubs(
    furnished: Furnished, method: str, template: str, status: int, body: Any
) -> None:
    operation = operations()[method, anonymous(template)]
    if isinstance(body, dict):
        known = {"head_sha": "sha", "access_token": "token"}
        for field, name in known.items():
            if body.get(field) == f"{{{name}}}":
                body = body | {field: furnished.names[name]}
    path, who = furnished.path(template), furnished.who(template)
    reply = await furnished.world.call(method, path, body, **who)
    assert reply.status == status, reply.raw
    if reply.raw:
        assert problems_of_answer(operation, status, reply.json) == []


def test_every_path_of_the_sandbox_is_asked_and_is_githubs() -> None:
    asked = {(method, anonymous(path)) for method, path, _, _ in ASKED}
    ours = {
        (method, anonymous(path))
        for method, path, _, _ in ROUTES
        if not path.startswith("/repositories") and not path.endswith("/contents")
    }
    assert ours == asked
    assert ours <= operations().keys()


def test_a_wrong_answer_is_noticed() -> None:
    operation = operations()["GET", anonymous(ONE)]
    assert problems_of_answer(operation, 200, {"id": "1"})
    assert problems_of_answer(operation, 599, {})


@pytest.mark.parametrize("ci", ["true", "1"])
def test_a_missing_schema_is_skipped_at_a_desk_and_an_error_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"install\.sh"):
        need("absent.json")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(pytest.fail.Exception, match=r"install\.sh"):
        need("absent.json")
