"""Starts a service that dies at a chosen point: the tests' own entry point.

`python -m tests.acceptance.entry verifier`, with the folder `CRASHES`: a file
`verifier@store.after:RefVerified` in it is the order to die there. The points lie
around the ports, so the product has no switches for them:

    bus.before:EVENT     committed, and not published yet
    bus.after:EVENT      published, and the relay's position not moved yet
    store.before:FACT    concluded, and not committed yet
    store.after:FACT     committed, and nobody told yet
    ack.before:EVENT     handled, and the delivery not acknowledged yet

Who dies takes the file away first: one process does, and only once.

The file `AHEAD` says by how many seconds the clock is ahead: time that tests let pass.
"""

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.contracts import Event, Message
from shared.messaging import Bus, Subscription
from shared.process import run
from shared.service import Service
from shared.store import Recorded, Store, utc_now

PACKAGES = {
    "api-gateway": "api_gateway",
    "verifier": "verifier",
    "github-dispatcher": "github_dispatcher",
    "status-sync": "status_sync",
}
CRASHES = Path(os.environ["CRASHES"])
AHEAD = Path(os.environ["AHEAD"])
SERVICE = sys.argv[1]


def pass_by(point: str) -> None:
    """Die here, if that is ordered."""
    try:
        (CRASHES / f"{SERVICE}@{point}").unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def clock() -> datetime:
    return utc_now() + timedelta(seconds=float(AHEAD.read_text()))


def crash_around_bus(bus: Bus) -> None:
    publish = bus.publish

    async def crashing(message: Message[Event]) -> None:
        name = type(message.data).__name__
        pass_by(f"bus.before:{name}")
        await publish(message)
        pass_by(f"bus.after:{name}")

    bus.publish = crashing  # type: ignore[method-assign]


def crash_around_store(store: Store) -> None:
    append = store.append

    async def crashing(rows: Sequence[Recorded]) -> None:
        names = [type(row.message.data).__name__ for row in rows]
        for name in names:
            pass_by(f"store.before:{name}")
        await append(rows)
        for name in names:
            pass_by(f"store.after:{name}")

    store.append = crashing  # type: ignore[method-assign]


def crash_before_ack(subscription: Subscription) -> Subscription:
    def crashing(handle: Any) -> Any:
        async def handled(message: Message[Any]) -> None:
            await handle(message)
            pass_by(f"ack.before:{type(message.data).__name__}")

        return handled

    return {event: crashing(handle) for event, handle in subscription.items()}


def main() -> None:
    package = PACKAGES[SERVICE]
    build = importlib.import_module(f"{package}.bootstrap").build
    settings = importlib.import_module(f"{package}.settings").Settings

    def crashing(settings: Any, *, bus: Bus) -> Service:
        crash_around_bus(bus)
        service: Service = build(settings, bus=bus, clock=clock)
        crash_around_store(service.store)
        return replace(service, subscription=crash_before_ack(service.subscription))

    run(crashing, settings)


if __name__ == "__main__":
    main()
