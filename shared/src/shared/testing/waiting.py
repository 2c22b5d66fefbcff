"""Wait for a condition with a deadline, instead of sleeping and hoping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable

LOOK_EVERY_S = 0.01


async def until(
    condition: Callable[[], bool | Awaitable[bool]], timeout_s: float = 60
) -> None:
    """Return once the condition holds.

    Raises:
        TimeoutError: It did not come to hold in time.
    """
    async with asyncio.timeout(timeout_s):
        while True:
            result = condition()
            if await result if inspect.isawaitable(result) else result:
                return
            await asyncio.sleep(LOOK_EVERY_S)
