"""Examples of what is sent and answered, by the names of their models.

They were recorded from the gateway; a test holds them against the models.
"""

from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from types import UnionType
from typing import Any, get_args, get_origin

import orjson
from pydantic import BaseModel

from api_gateway.routes.errors import CODES


@cache
def recorded() -> Mapping[str, Any]:
    """All of them."""
    text = files(__package__).joinpath("examples.json").read_bytes()
    found: dict[str, Any] = orjson.loads(text)
    return found


def example_of(model: Any) -> Any:
    """One for a model, a list or a union of them; None where there is none."""
    if get_origin(model) is list:
        one = example_of(get_args(model)[0])
        return None if one is None else [one]
    if isinstance(model, UnionType):
        return example_of(get_args(model)[0])
    if isinstance(model, type) and issubclass(model, BaseModel):
        return recorded().get(model.__name__)
    return None


def error_example(code: str) -> dict[str, Any]:
    """An error as it is answered."""
    meaning = CODES[code]
    value = {
        "code": code,
        "message": meaning.when,
        "type": f"urn:gitploy:error:{code}",
        "title": HTTPStatus(meaning.status).phrase,
        "status": meaning.status,
        "detail": meaning.when,
    }
    return {"summary": meaning.when, "value": value}
