"""The published description: whole, valid, with true examples, and as a page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema_rs import validator_for
from openapi_core import OpenAPI

from api_gateway.openapi.examples import recorded
from api_gateway.routes import answers

from .conftest import World

LISTED = Path(__file__).parents[3] / "docs" / "api" / "operations.md"
REPO = "/api/v1/repos/{namespace}/{name}"
JSON = "application/json"
ANONYMOUS = {"Authorization": ""}
HEAD = """\
# All operations

Made of `GET /openapi.json`, which says more: parameters, answers, errors, examples. A
gateway shows it as a page at `/docs/api`. `…` is `/api/v1/repos/{namespace}/{name}`;
`read`, `write` and `admin` are permissions on that repository.

| | path | | needs |
|---|---|---|---|
"""


@pytest.fixture
async def document(world: World) -> Any:
    answer = await world.api.get("/openapi.json", headers=ANONYMOUS)
    assert answer.status == 200
    return await answer.json()


async def test_it_is_not_sent_again_while_it_is_the_same(world: World) -> None:
    answer = await world.api.get("/openapi.json", headers=ANONYMOUS)
    tag = {"If-None-Match": answer.headers["ETag"]}
    again = await world.api.get("/openapi.json", headers=ANONYMOUS | tag)
    assert again.status == 304


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


async def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPI.from_dict(document)


async def test_every_operation_is_described(document: Any) -> None:
    lacking = {
        f"{name}: {what}"
        for name, operation in operations(document)
        for what in lacks(name, operation)
    }
    assert lacking == set()


def lacks(name: str, operation: Any) -> Iterator[str]:
    """What its description does not say."""
    yield from lacks_words(operation)
    told = operation["responses"].items()
    if name.startswith("HEAD"):
        return
    if not any(status < "4" for status, _ in told):
        yield "answers"
    if "requestBody" in operation and "example" not in only(operation["requestBody"]):
        yield "an example of the body"
    for status, response in told:
        content = response.get("content", {}).get(JSON)
        if content is None or content["schema"] == {"type": "null"}:
            continue
        if status < "4" and name.startswith(("GET /openapi.json", "GET /deploy")):
            continue
        if not content.keys() & {"example", "examples"}:
            yield f"an example of {status}"


def lacks_words(operation: Any) -> Iterator[str]:
    if not operation["summary"]:
        yield "summary"
    if len(operation["tags"]) != 1:
        yield "a tag"
    if (operation["x-needs"] == "nobody") != (operation.get("security") == []):
        yield "whether it needs a token"
    for parameter in operation["parameters"]:
        if not parameter["description"]:
            yield f"what {parameter['name']} is"


def only(body: Any) -> Any:
    """What is said about its only media type."""
    [content] = body["content"].values()
    return content


async def test_what_may_be_repeated_says_when_it_was(document: Any) -> None:
    repeatable = [
        operation["responses"].items()
        for _, operation in operations(document)
        if "Idempotency-Key" in {each["name"] for each in operation["parameters"]}
    ]
    assert repeatable
    for told in repeatable:
        answered = [each for status, each in told if status.startswith("2")]
        assert all("Idempotent-Replayed" in each["headers"] for each in answered)


async def test_no_two_models_have_one_name(document: Any) -> None:
    # pydantic would tell them apart by their modules.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


@pytest.mark.parametrize("name", sorted(recorded().keys() & vars(answers).keys()))
def test_examples_of_answers_are_as_the_gateway_answers(name: str) -> None:
    model = getattr(answers, name)
    model.model_validate_json(orjson.dumps(recorded()[name]), strict=True)


async def test_examples_are_as_their_schemas_say(document: Any) -> None:
    schemas = document["components"]["schemas"]
    assert recorded().keys() <= schemas.keys()
    for name, example in recorded().items():
        schema = {"$ref": f"#/components/schemas/{name}"}
        whole = {**schema, "components": document["components"]}
        validator_for(whole).validate(example)


async def test_all_operations_are_listed(document: Any, tmp_path: Path) -> None:
    rows = [
        f"| {method} | `{path}` | {operation['summary']} | {operation['x-needs']} |"
        for name, operation in operations(document)
        for method, path in [name.replace(REPO, "…").split(" ")]
    ]
    anew = tmp_path / LISTED.name
    anew.write_text(HEAD + "\n".join(rows) + "\n")
    assert LISTED.read_text() == anew.read_text(), f"cp {anew} {LISTED}"


async def test_whoever_comes_by_with_a_browser_is_led_to_the_page(world: World) -> None:
    answer = await world.api.get("/", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/docs/api")
