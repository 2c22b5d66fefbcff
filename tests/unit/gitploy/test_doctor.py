"""What a look at a repository finds, by what the gateway says."""

from typing import Any

import pytest

from gitploy.doctoring import Finding, of_repository
from gitploy.doctoring.gateway import ANSWERED

from .documents import deployment
from .fake import NAME, REPO, FakeClient, FakeGateway

GOOD = {
    f"GET {REPO}": {"active": True, "command": {"state": "done"}},
    "GET /user": {"login": "ada", "admin": False},
    f"GET {REPO}/perms": [
        {"repo_perm": "admin", "edges": {"user": {"login": "adam"}}},
        {"repo_perm": "write", "edges": {"user": {"login": "ada"}}},
    ],
    f"GET {REPO}/config": {
        "config_path": "deploy.yml", "envs": [{"name": "qa"}], "warnings": [],
    },
    f"GET {REPO}/deployments": [deployment("success")],
}  # fmt: skip
PROBLEM = {"line": 3, "column": 1, "message": "Wrong."}


async def found(**changed: Any) -> dict[str, Finding]:
    names = {"repository": "", "perms": "/perms", "rules": "/config"}
    names["deployments"] = "/deployments"
    answers = GOOD | {f"GET {REPO}{names[key]}": told for key, told in changed.items()}
    client = FakeClient(FakeGateway(answers))
    return {each.about: each async for each in of_repository(client, NAME)}


async def test_where_all_is_well_nothing_is_to_be_done() -> None:
    findings = await found()
    assert list(findings) == ["repository", "permission", "deploy.yml", "tool"]
    assert {each.state for each in findings.values()} == {"good"}
    assert not any(each.do for each in findings.values())


@pytest.mark.parametrize(
    ("changed", "about", "state", "do"),
    [
        ({"repository": (404, {"message": "No"})}, "repository", "bad", "activate"),
        (
            {"repository": {"active": False, "command": None}},
            "repository", "bad", "activate",
        ),
        (
            {"repository": {"active": False, "command": {
                "state": "refused", "message": "GitHub forbids it."}}},
            "repository", "bad", "activate",
        ),
        (
            {"repository": {"active": True, "command": {"state": "unanswered"}}},
            "repository", "doubtful", "github-dispatcher",
        ),
        (
            {"perms": [{"repo_perm": "read", "edges": {"user": {"login": "ada"}}}]},
            "permission", "doubtful", "write",
        ),
        (
            {"rules": (422, {"message": "Wrong.", "problems": [PROBLEM],
                             "config_path": "deploy.yml"})},
            "deploy.yml", "bad", "config validate",
        ),
        ({"rules": (404, {"message": "No file"})}, "deploy.yml", "bad", "validate"),
        (
            {"rules": {"config_path": "deploy.yml", "envs": []}},
            "deploy.yml", "bad", "Add one",
        ),
        (
            {"rules": {"config_path": "deploy.yml", "envs": [{"name": "qa"}],
                       "warnings": [PROBLEM]}},
            "deploy.yml", "doubtful", "config get",
        ),
        ({"deployments": []}, "tool", "doubtful", "gitploy deploy"),
        ({"deployments": [deployment("created")]}, "tool", "bad", "webhook"),
        (
            {"deployments": [deployment("success", foreign=True)]},
            "tool", "doubtful", "gitploy deploy",
        ),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_found_with_what_to_do(
    changed: dict[str, Any], about: str, state: str, do: str
) -> None:
    finding = (await found(**changed))[about]
    assert finding.state == state
    assert do in finding.do


@pytest.mark.parametrize("phase", sorted(ANSWERED))
async def test_any_word_of_the_tool_counts(phase: str) -> None:
    findings = await found(deployments=[deployment("created"), deployment(phase)])
    assert findings["tool"].state == "good"


async def test_permissions_that_are_not_kept_are_not_judged() -> None:
    assert "permission" not in await found(perms=(404, {"message": "No"}))
