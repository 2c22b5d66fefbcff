"""Writes that may be sent again: `Idempotency-Key` on every `POST`.

The same key with the same request gets the answer of the first, whatever became of the
connection. A request for a deployment needs no such memory: its id is made of the key.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from api_gateway.accounts import Answered, BusyError, OtherRequestError, Repeats
from shared.web import ApiError

from .auth import person_of
from .operation import Need, Operation, Option
from .reading import idempotency_key_of

KEPT_HEADERS: Final = ("Location", "Link")
REPLAYED: Final = "Idempotent-Replayed"
AGAIN_S: Final = 1


class Repeating:
    def __init__(self, repeats: Repeats) -> None:
        self._repeats = repeats

    def each(self, operations: Iterable[Operation]) -> Sequence[Operation]:
        """The operations, those that write made repeatable."""
        return [
            self._repeatable(each) if _is_write(each) else each for each in operations
        ]

    def _repeatable(self, operation: Operation) -> Operation:
        @wraps(operation.handler)
        async def handle(
            request: web.Request, **asked: BaseModel
        ) -> web.StreamResponse:
            name = idempotency_key_of(request)
            if name is None:
                return await operation.handler(request, **asked)
            key = _digest(str(person_of(request).id), request.method, name)
            sent = (told.model_dump_json() for told in asked.values())
            wanted = _digest(request.path, *sent)
            if known := await self._known(key, wanted, name):
                return _again(known)
            return await self._do(key, operation, request, asked)

        return replace(
            operation,
            handler=handle,
            options=(*operation.options, Option.REPEAT),
            errors=(*operation.errors, "idempotency_key_reused", "internal_error"),
        )

    async def _known(self, key: str, wanted: str, name: str) -> Answered | None:
        try:
            return await self._repeats.begin(key, wanted)
        except OtherRequestError as error:
            text = (
                f"Idempotency-Key {name!r} was used for another request: use a new key "
                "for a new request."
            )
            raise ApiError(422, "idempotency_key_reused", text) from error
        except BusyError as error:
            text = f"What has Idempotency-Key {name!r} is still being done: ask again."
            again = {"Retry-After": str(AGAIN_S)}
            raise ApiError(503, "internal_error", text, headers=again) from error

    async def _do(
        self,
        key: str,
        operation: Operation,
        request: web.Request,
        asked: dict[str, Any],
    ) -> web.StreamResponse:
        try:
            told = await operation.handler(request, **asked)
        except Exception:
            await self._repeats.forget(key)
            raise
        if isinstance(told, web.Response):
            body = told.body if isinstance(told.body, bytes) else b""
            headers = {n: told.headers[n] for n in KEPT_HEADERS if n in told.headers}
            kept = None if operation.shows_once else body
            await self._repeats.finish(key, Answered(told.status, headers, kept))
        return told


def _is_write(operation: Operation) -> bool:
    """Whether it may do harm to do it twice, and nothing else keeps from that."""
    return (
        operation.method == "POST"
        and operation.needs is not Need.NOBODY
        and Option.REPEAT not in operation.options
    )


def _again(known: Answered) -> web.Response:
    if known.body is None:
        text = (
            "This was done already, and what it showed is shown only once: undo it and "
            "ask anew, with a new Idempotency-Key."
        )
        raise ApiError(422, "idempotency_key_reused", text)
    return web.Response(
        status=known.status,
        body=known.body,
        content_type="application/json" if known.body else None,
        headers={**known.headers, REPLAYED: "true"},
    )


def _digest(*parts: str) -> str:
    told = hashlib.sha256()
    for part in parts:
        told.update(f"{len(part)}:{part}".encode())
    return told.hexdigest()
