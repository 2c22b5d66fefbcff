"""The HTTP edge: from aiohttp's request to a handler's call, and back.

Every request goes the same way: faults, who asks (`access`), rate limit, handler. Then
all that the handler changed is committed, the answer goes out, and the webhooks that it
caused follow it.
"""

import asyncio
import contextlib
import hashlib
import uuid
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from github_sandbox.access import Admit, by_token
from github_sandbox.errors import ApiError
from github_sandbox.faults import happens
from github_sandbox.journal import clock
from github_sandbox.limits import Window
from github_sandbox.sandbox import Answer, Call, Sandbox

Handler = Callable[[Call], Awaitable[Answer]]

_JSON = {"Content-Type": "application/json; charset=utf-8"}


class Edge:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def serve(
        self, handler: Handler, admit: Admit = by_token
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            begun = clock()
            status = 500
            call = await self._call(request)
            try:
                response = await self._respond(request, call, handler, admit)
                status = response.status
                with contextlib.suppress(ConnectionError):
                    await response.prepare(request)
                    await response.write_eof()
                return response
            finally:
                self._sandbox.journal.answered(
                    request.method, request.rel_url.raw_path_qs, status, begun
                )
                self._sandbox.courier.send(call.caused)

        return serve

    async def _call(self, request: web.Request) -> Call:
        origin = f"{request.scheme}://{request.host}"
        self._sandbox.origin = origin
        return Call(
            sandbox=self._sandbox,
            user="",
            method=request.method,
            links=self._sandbox.links(origin),
            where=dict(request.match_info),
            query=dict(request.query),
            headers=request.headers,
            raw_body=await request.read(),
            path=request.rel_url.raw_path,
        )

    async def _respond(
        self, request: web.Request, call: Call, handler: Handler, admit: Admit
    ) -> web.Response:
        window: Window | None = None
        try:
            await self._misbehave()
            admit(call)
            answer = await handler(call)
            resource = "graphql" if call.path == "/graphql" else "core"
            window = self._sandbox.limits.window(call.user, resource)
        except ApiError as error:
            answer = Answer(error.body, error.status, error.headers)
        await self._sandbox.store.settled()
        response = _response(request, answer)
        if window:
            # What is only confirmed is free.
            window.used += 0 if response.status == 304 else answer.cost
            response.headers.update(window.headers() | _scopes(call))
        return response

    async def _misbehave(self) -> None:
        faults = self._sandbox.faults
        if delay := faults.answers("delay_s"):
            await asyncio.sleep(delay)
        if faults.answers("unavailable"):
            raise ApiError(503, "No server is currently available")
        if happens(faults.answers("error_rate")):
            raise ApiError(500, "Server Error")


def _scopes(call: Call) -> dict[str, str]:
    scopes = call.caller.scopes
    return {} if scopes is None else {"X-OAuth-Scopes": ", ".join(scopes)}


def _response(request: web.Request, answer: Answer) -> web.Response:
    body = answer.raw
    if body is None:
        body = b"" if answer.body is None else orjson.dumps(answer.body)
    headers = {
        "X-GitHub-Request-Id": uuid.uuid4().hex.upper(),
        "X-GitHub-Media-Type": "github.v3; format=json",
        **(_JSON if body else {}),
        **answer.headers,
    }
    status = answer.status
    if request.method == "GET" and status == 200:
        digest = hashlib.blake2b(body, digest_size=32).hexdigest()
        tag = headers.setdefault("ETag", f'W/"{digest}"')
        headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
        headers["Vary"] = "Accept, Authorization"
        if _matches(request.headers.get("If-None-Match", ""), tag):
            status, body = 304, b""
            headers.pop("Content-Type", None)
    return web.Response(status=status, body=body, headers=headers)


def _matches(asked: str, tag: str) -> bool:
    return tag.removeprefix("W/") in [
        part.strip().removeprefix("W/") for part in asked.split(",")
    ]
