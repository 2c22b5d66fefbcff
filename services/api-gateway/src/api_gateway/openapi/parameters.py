"""What a request may say besides its body: in and behind its path, in its header."""

import re
from typing import Any

from api_gateway.routes.operation import Operation, Option
from api_gateway.routes.queries import MAX_INT, MAX_JSON
from api_gateway.routes.reading import EVENT_ID, KEY, MAX_ID, MAX_WAIT_S
from api_gateway.routes.texts import LINE, MAX_NAME, REF

from .schemas import Schemas, required_members

Parameter = dict[str, Any]

JSON = "application/json"

#: A name in a path as aiohttp writes it: `{number}`, or `{branch:.+}`.
IN_PATH = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")
NAME = {"type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9_.-]+$"}
LINE_SCHEMA = {"type": "string", "maxLength": MAX_NAME, "pattern": LINE}
REF_SCHEMA = {"type": "string", "maxLength": MAX_NAME, "pattern": f"^{REF.pattern}$"}
NUMBER = {"type": "integer", "minimum": 1, "maximum": MAX_INT}
ID = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
#: Of each name in a path: its schema, what it is, an example.
NAMED: dict[str, tuple[dict[str, Any], str, Any]] = {
    "namespace": (NAME, "Who owns the repository.", "octo"),
    "name": (NAME, "The repository's name.", "shop"),
    "number": (NUMBER, "The deployment's number in its repository.", 1),
    "env": (LINE_SCHEMA, "An environment; a `/` in its name is `%2F`.", "production"),
    "id": (ID, "An `id` as the API has told it.", 31),
    "branch": (REF_SCHEMA, "A branch, slashes and all.", "main"),
    "tag": (REF_SCHEMA, "A tag, by its exact name.", "v1.0"),
    "sha": (REF_SCHEMA, "A commit id; its beginning is enough.", "a" * 40),
}
#: Without examples, which the page would send along by itself.
IN_HEADER: dict[Option, Parameter] = {
    Option.WAIT: {
        "description": "How long to wait for the outcome: "
        f"`wait=N`, 0 to {MAX_WAIT_S:g} seconds; otherwise 10.",
        "schema": {"type": "string"},
    },
    Option.REPEAT: {
        "description": "A name for the request, like `release-42`, with which it may "
        "be repeated: the same again does nothing new.",
        "schema": {"type": "string", "pattern": f"^{KEY.pattern}$"},
    },
    Option.RESUME: {
        "description": "The `id` of the last event that was seen.",
        "schema": {"type": "string", "pattern": f"^{EVENT_ID.pattern}$"},
    },
}


def path_of(operation: Operation) -> str:
    """The path as OpenAPI writes it."""
    return IN_PATH.sub(r"{\1}", operation.path)


def parameters(operation: Operation, schemas: Schemas) -> list[Parameter]:
    """All that an operation may be told besides its body."""
    return [
        *(_in_path(name) for name in IN_PATH.findall(operation.path)),
        *_behind_path(operation, schemas),
        *(
            {"name": option.value, "in": "header", **IN_HEADER[option]}
            for option in operation.options
        ),
    ]


def _in_path(name: str) -> Parameter:
    schema, text, example = NAMED[name]
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": text,
        "schema": schema,
        "example": example,
    }


def _behind_path(operation: Operation, schemas: Schemas) -> list[Parameter]:
    if operation.query is None:
        return []
    needed = required_members(operation.query)
    return [
        {
            "name": name,
            "in": "query",
            "required": name in needed,
            "description": schema.pop("description", ""),
            "schema": _written(schema),
        }
        for name, schema in schemas.members(operation.query).items()
    ]


def _written(schema: dict[str, Any]) -> dict[str, Any]:
    """How a value stands behind the path: what has members stands there as JSON.

    As a text: of a parameter with members the page would make up some, and send them.
    """
    if "$ref" not in schema and schema.get("type") != "object":
        return schema
    of_json = {"contentMediaType": JSON, "contentSchema": schema}
    return {"type": "string", "maxLength": MAX_JSON, **of_json}
