"""`python -m standalone`: the embedded system, at a real GitHub."""

import structlog

from shared.observability import configure
from shared.process import complete, listening, stop_asked
from shared.service import load

from .bootstrap import opened
from .settings import Settings

log = structlog.get_logger()


async def serve(told: Settings) -> None:
    """Until a signal."""
    stop = stop_asked()
    async with (
        opened(told) as app,
        listening(app, told.http_host, told.http_port) as url,
    ):
        log.info("service_started", service="standalone", url=url)
        await stop.wait()


def main() -> None:
    told = load(Settings)
    configure(told.log_level, told.log_format)
    complete(lambda: serve(told))


if __name__ == "__main__":
    main()
