"""`/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`.

`/readyz` names what is missing and not why: an error's own text may name hosts and
users. The log has it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

CHECK_TIMEOUT_S = 3.0
NO_ANSWER = "does not answer"
FAILS = "can't be used: the service's log has the reason"

log = structlog.get_logger()


@dataclass(frozen=True)
class Dependency:
    """What a service needs."""

    #: Raises whatever is wrong.
    ask: Callable[[], Awaitable[None]]
    #: Whether the service does without it for a while, and makes up for it later.
    dispensable: bool = False


async def _reason(name: str, dependency: Dependency) -> str | None:
    try:
        async with asyncio.timeout(CHECK_TIMEOUT_S):
            await dependency.ask()
    except TimeoutError:
        return NO_ANSWER
    except Exception as error:  # noqa: BLE001 - whatever is wrong is the answer
        reason = str(error) or type(error).__name__
        log.warning("dependency_missing", dependency=name, reason=reason)
        return FAILS
    return None


def health(dependencies: Mapping[str, Dependency]) -> list[web.RouteDef]:
    """The routes; `/readyz` names each dependency that is missing."""

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_: web.Request) -> web.Response:
        asked = dependencies.items()
        reasons = await asyncio.gather(*(_reason(n, d) for n, d in asked))
        missing: dict[str, str] = {}
        degraded: dict[str, str] = {}
        for (name, dependency), reason in zip(asked, reasons, strict=True):
            if reason is not None:
                (degraded if dependency.dispensable else missing)[name] = reason
        answer = {"ready": not missing, "missing": missing, "degraded": degraded}
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
