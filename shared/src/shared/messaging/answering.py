"""What happens to a question or a hint: the same on every bus.

Nothing of it is recorded, so nothing is tried again. A handler that fails, or takes
longer than the asker waits, leaves a question without an answer; who asked goes on
without it. What a hint would have set off happens a little later by itself.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

import structlog

from shared.contracts import Answer, Hint, Question, Unrecorded
from shared.observability import metrics

from .handling import Retry

A = TypeVar("A")
Heard = type[Question[Any]] | type[Hint]
#: The questions that a service answers and the hints that it hears, and how.
Listeners = Mapping[Heard, Callable[[A, Any], Awaitable[Answer | None]]]
Hearing = Mapping[Heard, Callable[[Any], Awaitable[Answer | None]]]

#: Hints live so long, and questions at most: what is older serves nobody.
LIFE = timedelta(seconds=30)

log = structlog.get_logger()


async def hear(hearing: Hearing, said: Unrecorded, within: timedelta) -> Answer | None:
    """Give it to its handler; the answer, if it is a question that has one."""
    handler = hearing.get(type(said)) if isinstance(said, Question | Hint) else None
    name = type(said).__name__
    started = time.perf_counter()
    answer, reason = None, "nobody here hears such"
    if handler is not None:
        answer, reason = await _heard(handler(said), within)
    metrics.messages_handled.labels(name, "dropped" if reason else "done").inc()
    metrics.message_seconds.labels(name).observe(time.perf_counter() - started)
    if reason:
        log.warning("unrecorded_dropped", message_type=name, reason=reason)
    return answer


async def _heard(
    handling: Awaitable[Answer | None], within: timedelta
) -> tuple[Answer | None, str]:
    """The answer, and why there is none."""
    limit = asyncio.timeout(min(within, LIFE).total_seconds())
    try:
        async with limit:
            return await handling, ""
    except Retry as retry:
        return None, str(retry)
    except Exception as error:
        if limit.expired():
            return None, "it took longer than anybody waits"
        log.exception("handler_failed")
        return None, f"{type(error).__name__}: {error}"
