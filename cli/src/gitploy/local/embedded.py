"""The four services inside the command's own process, for `gitploy demo`."""

import asyncio
import importlib
import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

from gitploy.failing import CommandError
from gitploy.local.stage import GATEWAY, Stage, Surroundings
from gitploy.local.system import AMQP, DATABASE, SQLITE, System, remember


@contextmanager
def environment(told: Mapping[str, str]) -> Iterator[None]:
    """Settings are read from there; nobody who is started later is to find secrets."""
    before = dict(os.environ)
    os.environ.update(told)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@asynccontextmanager
async def embedded(stage: Stage, surroundings: Surroundings) -> AsyncIterator[None]:
    """Serve them to the end of the block; their logs go to a file."""
    loading = asyncio.to_thread(importlib.import_module, "standalone.bootstrap")
    await asyncio.gather(surroundings(), loading)
    from shared.observability import configure  # noqa: PLC0415 - imported above
    from shared.process import listening  # noqa: PLC0415
    from shared.service import load  # noqa: PLC0415
    from standalone.bootstrap import opened  # noqa: PLC0415
    from standalone.settings import Settings  # noqa: PLC0415

    place = stage.place
    system = System("memory://", f"{SQLITE}{place.dir}/")
    remember(place.dir, system, stage.place.url(GATEWAY))
    told = {
        **stage.settings(),
        AMQP: system.amqp_url,
        DATABASE: system.database_url,
        "GITPLOY_HTTP_PORT": str(place.port(GATEWAY)),
    }
    with environment(told):
        settings = load(Settings)
    with (place.dir / "gitploy.log").open("a", buffering=1) as log:
        configure(settings.log_level, "json", log)
        logging.basicConfig(stream=log)
        try:
            async with (
                opened(settings) as app,
                listening(app, settings.http_host, settings.http_port),
            ):
                yield
        except OSError as error:
            raise CommandError(
                f"{error}. Choose another port with --port, or 0 for a free one."
            ) from error
