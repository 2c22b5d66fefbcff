"""Logs: JSON for machines, colours for a person at a terminal; secrets never.

So a traceback is written without the values of its variables.
"""

import logging
import sys
from typing import Literal, TextIO

import structlog

TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def configure(
    level: str = "INFO",
    style: Literal["auto", "json", "console"] = "auto",
    file: TextIO | None = None,
) -> None:
    """Set up structlog for the process; it writes to standard error by default."""
    file = file or sys.stderr
    console = style == "console" or (style == "auto" and file.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if console
        else structlog.processors.JSONRenderer()
    )
    errors: list[structlog.typing.Processor] = [] if console else [TRACEBACKS]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *errors,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level]
        ),
        logger_factory=structlog.WriteLoggerFactory(file),
        cache_logger_on_first_use=True,
    )
