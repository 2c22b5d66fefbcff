"""The published description: whole, valid, and with examples that are true."""

from typing import Any

import pytest
from openapi_core import OpenAPI
from pydantic import TypeAdapter

from api_gateway.openapi.examples import recorded
from api_gateway.routes import answers

from .conftest import World


@pytest.fixture
async def document(world: World) -> Any:
    answer = await world.api.get("/openapi.json", headers={"Authorization": ""})
    assert answer.status == 200
    return await answer.json()


async def test_it_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPI.from_dict(document)
