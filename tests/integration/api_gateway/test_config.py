"""`deploy.yml` over HTTP: what it says, where it is wrong, and its schema."""

from typing import Any

import jsonschema_rs
import pytest
import yaml

from api_gateway.ports import FoundFile

from .conftest import SHA, World

PATH = "/api/v1/repos/octo/shop/config"
FILE = """\
defaults:
  checks_timeout: 10m
envs:
  - name: production
    task: ${GITPLOY_DEPLOY_TASK}
    production_environment: true
    deployable_ref: main
    auto_deploy_on: main
    dynamic_payload:
      enabled: true
      inputs:
        color: {type: select, options: [red, blue], default: red}
    review: {enabled: true, reviewers: [octocat]}
    frozen_windows:
      - {start: "0 18 * * FRI", duration: 60h, location: Europe/Berlin}
"""


async def test_it_says_what_holds_for_each_environment(active: World) -> None:
    active.github.write(FILE)
    told = await active.get("/config")
    [env] = told.pop("envs")
    assert told == {
        "config_path": "deploy.yml",
        "ref": None,
        "sha": SHA,
        "warnings": [
            {
                "line": 8,
                "column": 5,
                "message": "`main` is matched against the whole ref, and none begins "
                "so: write `refs/heads/…` for a branch, `refs/tags/…` for a tag",
            }
        ],
    }
    assert env["name"] == "production"
    # Evaluated, inherited, by default, and as somebody would write it.
    assert env["task"] == "deploy"
    assert env["checks_timeout"] == "10m"
    assert (env["serialization"], env["timeout"]) == (False, "1h")
    assert env["review"]["timeout"] == "7d"
    assert env["frozen_windows"] == [
        {"start": "0 18 * * FRI", "duration": "2d12h", "location": "Europe/Berlin"}
    ]
    assert env["dynamic_payload"]["inputs"]["color"]["options"] == ["red", "blue"]


async def test_a_change_can_be_looked_at_before_it_is_merged(active: World) -> None:
    active.github.write(FILE)
    active.github.write("envs: [{name: staging}]", ref="feature/staging")
    told = await active.get("/config?ref=feature/staging")
    assert [env["name"] for env in told["envs"]] == ["staging"]
    assert told["ref"] == "feature/staging"


async def test_it_is_read_where_the_repository_keeps_it(active: World) -> None:
    active.github.write("envs: [{name: eu}]", path="deploy/eu.yml")
    await active.api.patch(
        "/api/v1/repos/octo/shop", json={"config_path": "deploy/eu.yml"}
    )
    told = await active.get("/config")
    assert (told["config_path"], told["envs"][0]["name"]) == ("deploy/eu.yml", "eu")


async def test_all_mistakes_are_told_with_their_places(active: World) -> None:
    active.github.write(
        "envs:\n  - name: production\n    serialisation: true\n  - {}\n"
    )
    answer = await active.api.get(PATH)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "config_parse_error")
    assert problem["sha"] == SHA
    assert [(p["line"], p["column"]) for p in problem["problems"]] == [(3, 5), (4, 5)]
    assert "serialisation" in problem["problems"][0]["message"]
    assert problem["message"].startswith("deploy.yml in aaaaaaa has mistakes: line 3")


async def test_a_missing_file_is_not_found(active: World) -> None:
    answer = await active.api.get(PATH)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (404, "entity_not_found")
    assert problem["message"] == "There is no deploy.yml in aaaaaaa."


async def test_what_is_no_text_is_a_mistake(active: World) -> None:
    active.github.files[None]["deploy.yml"] = FoundFile(SHA, None, readable=False)
    answer = await active.api.get(PATH)
    problem = await answer.json()
    assert (answer.status, problem["code"]) == (422, "config_parse_error")
    assert problem["problems"] == []
    assert problem["message"].endswith(" is too large, or not text.")


async def test_while_github_is_away_nobody_knows(active: World) -> None:
    active.github.away = True
    answer = await active.api.get(PATH)
    problem = await answer.json()
    why = "GitHub answers 502, and nobody has asked for this lately: ask again."
    assert (answer.status, problem["message"]) == (503, why)


async def test_a_repository_that_github_hides_is_not_found(active: World) -> None:
    active.github.known.clear()
    answer = await active.api.get(PATH)
    assert (answer.status, (await answer.json())["code"]) == (404, "entity_not_found")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?ref=nope", 404),
        ("?ref=", 400),
        ("?ref=a..b", 400),
        ("?ref=main:secrets.yml", 400),
        ("?ref=HEAD~1", 400),
        ("?ref=%00", 400),
        (f"?ref={'x' * 256}", 400),
    ],
)
async def test_a_bad_ref_is_answered(active: World, query: str, status: int) -> None:
    assert (await active.api.get(f"{PATH}{query}")).status == status


async def test_an_unknown_repository_has_no_rules(active: World) -> None:
    assert (await active.api.get("/api/v1/repos/octo/nope/config")).status == 404


async def test_the_schema_is_for_everybody(world: World) -> None:
    answer = await world.api.get("/deploy.schema.json", headers={"Authorization": ""})
    assert answer.status == 200
    assert answer.content_type == "application/schema+json"
    schema: Any = await answer.json(content_type=None)
    jsonschema_rs.validate(schema, yaml.safe_load(FILE))
    assert not jsonschema_rs.is_valid(schema, {"envs": [{"nome": "production"}]})
