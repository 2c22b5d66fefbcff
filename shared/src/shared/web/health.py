"""`/healthz`: the process lives. `/readyz`: what it needs is there. `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[None]]
CHECK_TIMEOUT_S = 3.0


async def _reason(check: Check) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await check()
    except TimeoutError:
        return "does not answer"
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        return str(error) or type(error).__name__
    return None


def health(checks: Mapping[str, Check]) -> list[web.RouteDef]:
    """The routes; `/readyz` names each dependency that is missing, and why."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        reasons = await asyncio.gather(*map(_reason, checks.values()))
        missing = {n: r for n, r in zip(checks, reasons, strict=True) if r is not None}
        answer = {"ready": not missing, "missing": missing}
        return web.json_response(answer, status=503 if missing else 200)

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics),
    ]
