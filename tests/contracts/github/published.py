"""GitHub's published schemas, in a form that a JSON Schema validator takes.

The answers' document is OpenAPI 3.0, whose `nullable` isn't JSON Schema and is
rewritten here; the webhooks' is 3.1 and is taken as it is. Of 13 MB only what an
operation refers to is handed to the validator.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

SCHEMAS = Path(__file__).parents[3] / ".cache" / "github-schemas"
INSTALL = "tests/contracts/github/install.sh"

Json = dict[str, Any]

#: In one place GitHub's document asks an account to be both; elsewhere, to be either.
_ACCOUNTS = {"Simple User", "Enterprise"}


def need(file: str) -> Path:
    """What GitHub has published; without it a test fails in CI, else is skipped."""
    path = SCHEMAS / file
    if not path.exists():
        why = f"GitHub's schemas are missing: run {INSTALL}"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return path


@cache
def document(file: str) -> Json:
    found: Json = json.loads(need(file).read_bytes())
    return found


def operations() -> dict[tuple[str, str], Json]:
    """By method and by path without the names of its parameters."""
    return {
        (method.upper(), anonymous(path)): operation
        for path, methods in document("openapi.json")["paths"].items()
        for method, operation in methods.items()
    }


def anonymous(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def problems_of_answer(operation: Json, status: int, answer: Any) -> list[str]:
    """What is wrong with an answer's body, if GitHub says what it must be."""
    responses = operation["responses"]
    if str(status) not in responses:
        return [f"GitHub doesn't answer {status}, only {sorted(responses)}"]
    response = _resolve(document("openapi.json"), responses[str(status)])
    content = response.get("content", {}).get("application/json")
    if content is None:
        return []
    return _problems("openapi.json", content["schema"], answer)


def problems_of_webhook(event: str, action: str | None, payload: Any) -> list[str]:
    return _problems("webhooks.json", _webhook_schema(event, action), payload)


def headers_of_webhook(event: str, action: str | None) -> set[str]:
    parameters = _webhook(event, action).get("parameters", ())
    return {one["name"].lower() for one in parameters if one["in"] == "header"}


def _webhook_schema(event: str, action: str | None) -> Json:
    content = _webhook(event, action)["requestBody"]["content"]
    schema: Json = content["application/json"]["schema"]
    return schema


def _webhook(event: str, action: str | None) -> Json:
    name = "-".join([event, *([action] if action else [])]).replace("_", "-")
    found: Json = document("webhooks.json")["webhooks"][name]["post"]
    return found


def _problems(file: str, schema: Json, instance: Any) -> list[str]:
    whole = {**schema, "components": {"schemas": _reached(file, schema)}}
    validator = jsonschema_rs.Draft202012Validator(_without_nullable(whole))
    return [
        f"{'/'.join(str(step) for step in error.instance_path)}: {error.message}"
        for error in validator.iter_errors(instance)
    ]


def _reached(file: str, schema: Json) -> Json:
    """The named schemas that this one refers to, directly or not."""
    every = document(file)["components"]["schemas"]
    found: Json = {}
    waiting = [schema]
    while waiting:
        for name in re.findall(
            r'#/components/schemas/([^"]+)"', json.dumps(waiting.pop())
        ):
            if name not in found:
                found[name] = every[name]
                waiting.append(every[name])
    return found


def _without_nullable(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {key: _without_nullable(one) for key, one in schema.items()}
    if {one.get("title") for one in rest.get("allOf", ())} == _ACCOUNTS:
        rest["anyOf"] = rest.pop("allOf")
    if rest.pop("nullable", False) is True:
        return {"anyOf": [rest, {"type": "null"}]}
    return rest


def _resolve(whole: Json, part: Json) -> Json:
    while "$ref" in part:
        found: Any = whole
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part
