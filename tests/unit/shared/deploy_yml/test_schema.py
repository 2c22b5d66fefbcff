"""The JSON Schema says what the file may say."""

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from shared.deploy_yml import Env, schema

from .test_fields import ENVS

VALIDATOR = jsonschema_rs.validator_for(schema())


def given_only(value: Any) -> Any:
    """Leave out what is null, which counts as not given."""
    if isinstance(value, dict):
        return {k: given_only(v) for k, v in value.items() if v is not None}
    return [given_only(v) for v in value] if isinstance(value, list) else value


@given(ENVS)
def test_it_takes_any_environment(one: Env) -> None:
    env = json.loads(one.model_dump_json(exclude={"payload", "dynamic_payload"}))
    VALIDATOR.validate({"envs": [given_only(env)]})


@pytest.mark.parametrize(
    "env",
    [
        {},
        {"name": ""},
        {"name": "a", "foo": 1},
        {"name": "a", "timeout": 3},
        {"name": "a", "timeout": "soon"},
        {"name": "a", "queue": "last"},
        {"name": "a", "review": {"required": 0}},
        {"name": "a", "review": {"who": []}},
        {"name": "a", "payload": [1]},
        {"name": "a", "serialization": "yes"},
        {"name": "a", "frozen_windows": [{"start": "0 0 * * *"}]},
        {"name": "a", "dynamic_payload": {"inputs": {"x": {"type": "list"}}}},
    ],
)
def test_it_refuses_what_the_file_may_not_say(env: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({"envs": [env]})


def test_it_takes_variables_anywhere() -> None:
    variable = "${GITPLOY_IS_ROLLBACK}"
    env = {"name": "a", "auto_merge": variable, "timeout": variable, "queue": variable}
    VALIDATOR.validate({"envs": [env], "defaults": {"review": {"required": variable}}})


def test_each_field_is_described() -> None:
    parts = [schema(), *schema()["$defs"].values()]
    fields = {k: v for part in parts for k, v in part.get("properties", {}).items()}
    assert [k for k, v in fields.items() if not v.get("description")] == []
    assert set(Env.model_fields) <= set(fields)
