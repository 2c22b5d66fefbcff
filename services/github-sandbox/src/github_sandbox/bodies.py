"""Reads what clients send, and refuses it in GitHub's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from github_sandbox.errors import ApiError, invalid_request, validation_failed

_NAMES = {str: "string", bool: "boolean", list: "array", dict: "object"}


@dataclass(frozen=True)
class Field:
    kinds: tuple[type, ...] = (str,)
    required: bool = False
    choices: frozenset[str] | None = None
    nullable: bool = False


def read_json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw) if raw.strip() else {}
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "Problems parsing JSON") from error


def read_body(raw: bytes, resource: str, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The known fields that were sent, checked; nulls that are allowed are left out."""
    body = read_json(raw)
    if not isinstance(body, dict):
        raise ApiError(400, "Body should be a JSON object")
    for name, field in fields.items():
        if name in body:
            _check(resource, name, body[name], field)
        elif field.required:
            raise invalid_request(f'"{name}" wasn\'t supplied.')
    return {name: body[name] for name in fields if body.get(name) is not None}


def _check(resource: str, name: str, value: Any, field: Field) -> None:
    if value is None and field.nullable:
        return
    if type(value) not in field.kinds:
        kinds = " or ".join(_NAMES[kind] for kind in field.kinds)
        shown = "nil" if value is None else orjson.dumps(value).decode()
        raise invalid_request(
            f"For 'properties/{name}', {shown} is not of type {kinds}."
        )
    if field.choices is not None and value not in field.choices:
        allowed = ", ".join(sorted(field.choices))
        raise validation_failed(resource, name, f"{name} is not one of: {allowed}")
