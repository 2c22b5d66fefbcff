"""Logs: JSON for machines, colours for a person at a terminal; secrets never."""

import logging
import sys
from typing import Literal

import structlog


def configure(
    level: str = "INFO", style: Literal["auto", "json", "console"] = "auto"
) -> None:
    """Set up structlog for the process."""
    console = style == "console" or (style == "auto" and sys.stderr.isatty())
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if console
        else structlog.processors.JSONRenderer()
    )
    errors: list[structlog.typing.Processor] = (
        [] if console else [structlog.processors.dict_tracebacks]
    )
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
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
