"""A load generator that costs little: requests are bytes, made before the clock runs.

The machine that is measured also makes the load, so each cycle that the generator
saves is one that the service has. A sender has a connection of its own and sends the
next request when the answer to the last is there.
"""

import asyncio
import time
from collections.abc import Sequence


async def _send_all(port: int, requests: "asyncio.Queue[bytes]") -> list[int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    statuses = []
    try:
        while not requests.empty():
            writer.write(requests.get_nowait())
            statuses.append(await _status(reader))
    finally:
        writer.close()
        await writer.wait_closed()
    return statuses


async def _status(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    lower = head.lower()
    at = lower.index(b"content-length:") + len(b"content-length:")
    await reader.readexactly(int(lower[at : lower.index(b"\r\n", at)]))
    return int(head[9:12])


async def per_second(port: int, requests: Sequence[bytes], senders: int) -> float:
    """Send everything; how many were answered with 2xx in a second."""
    waiting: asyncio.Queue[bytes] = asyncio.Queue()
    for request in requests:
        waiting.put_nowait(request)
    began = time.perf_counter()
    results = await asyncio.gather(*(_send_all(port, waiting) for _ in range(senders)))
    took = time.perf_counter() - began
    bad = [s for statuses in results for s in statuses if s // 100 != 2]
    if bad:
        raise RuntimeError(f"{len(bad)} of {len(requests)} answers were {set(bad)}")
    return len(requests) / took
