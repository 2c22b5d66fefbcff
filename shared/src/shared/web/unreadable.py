"""What is no HTTP: aiohttp answers it, and quotes in its log what it could not read.

That may be a line with a token. So the log has only that there was something.
"""

import logging

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError


class ServerLog(logging.Handler):
    """Writes what aiohttp has to say about its connections to our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, but not what a stranger has sent."""
        log = structlog.get_logger()
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, (HttpProcessingError, web.RequestPayloadError)):
            log.info("request_unreadable", reason=type(error).__name__)
            return
        log.log(record.levelno, "server_says", text=record.getMessage(), exc_info=error)


def server_log() -> logging.Logger:
    """The logger for aiohttp's server."""
    logger = logging.getLogger("gitploy.server")
    logger.handlers, logger.propagate = [ServerLog()], False
    return logger
