"""Holds every answer of a gateway against what its operation declares."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from api_gateway.routes.answers import Error
from api_gateway.routes.errors import CODES
from api_gateway.routes.operation import Need, Operation

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPERATION = web.RequestKey("operation", Operation)
#: What any operation may answer, whatever it declares.
USUAL = {"parameter_invalid", "body_too_large", "entity_not_found", "rate_limited"}
KNOWN = {"unauthorized", "permission_required", "internal_error"}


@contextmanager
def conforming(app: web.Application) -> Iterator[None]:
    """Fail at the end if an answer was not as it is declared."""
    wrong: list[str] = []
    answer = Operation.answer

    async def noting(self: Operation, request: web.Request) -> web.StreamResponse:
        request[OPERATION] = self
        return await answer(self, request)

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        why = fault(request.get(OPERATION), response)
        if why:
            wrong.append(f"{request.method} {request.path}: {why}")
        return response

    app.middlewares.insert(0, check)
    with patch.object(Operation, "answer", noting):
        yield
    if wrong:
        pytest.fail("\n".join(["Not as declared:", *wrong]))


def fault(operation: Operation | None, response: web.StreamResponse) -> str | None:
    """What is wrong with an answer; None: nothing."""
    if response.status >= 400:
        return _fault_of_error(operation, response)
    if operation is None or not operation.answers:
        return None
    if response.status == 304:
        return None
    if response.status not in operation.answers:
        return f"{response.status} is not declared"
    if response.status in range(300, 400):
        return None
    if response.content_type == operation.also:
        return None
    model = operation.answers[response.status]
    if model is None:
        return "there is a body" if _body(response) else None
    if response.content_type != operation.media:
        return f"{response.content_type} is not declared"
    if operation.media != "application/json":
        return None
    return _fault_of_body(model, response)


def _fault_of_error(
    operation: Operation | None, response: web.StreamResponse
) -> str | None:
    if why := _fault_of_body(Error, response):
        return why
    code = orjson.loads(_body(response))["code"]
    if code not in CODES:
        return f"the code {code} is not listed"
    if operation is None or not operation.answers or response.status == 500:
        return None
    usual = USUAL if operation.needs is Need.NOBODY else USUAL | KNOWN
    if operation.narrowed_by:
        usual = usual | {"entity_unprocessable"}
    if code not in {*usual, *operation.errors}:
        return f"the code {code} is not declared"
    if response.status != CODES[code].status:
        return f"{code} has the status {response.status}"
    return None


def _fault_of_body(model: Any, response: web.StreamResponse) -> str | None:
    try:
        TypeAdapter(model).validate_json(_body(response), strict=True)
    except ValidationError as error:
        return str(error)
    return None


def _body(response: web.StreamResponse) -> bytes:
    body = response.body if isinstance(response, web.Response) else None
    return body if isinstance(body, bytes) else b""
