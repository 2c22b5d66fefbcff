"""The baseline of the webhook benchmark: checks the signature, and that is all."""

import os

from aiohttp import web

from shared.github import signature

from .payloads import SECRET


async def hooks(request: web.Request) -> web.Response:
    body = await request.read()
    if not signature.verify(SECRET, body, request.headers.get(signature.HEADER)):
        raise web.HTTPUnauthorized
    return web.Response(status=202, body=b"{}", content_type="application/json")


async def ready(_: web.Request) -> web.Response:
    return web.Response()


def main() -> None:
    import uvloop  # noqa: PLC0415 - as the services do

    app = web.Application(client_max_size=25 * 1024 * 1024)
    app.add_routes([web.post("/hooks", hooks), web.get("/readyz", ready)])
    uvloop.install()
    port = int(os.environ["GITPLOY_HTTP_PORT"])
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
