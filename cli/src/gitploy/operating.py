"""What the commands of operators have in common: whose messages, who acts, and why."""

import getpass
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gitploy.failing import CommandError
from gitploy.local.system import System

if TYPE_CHECKING:
    from shared.messaging import Bus, MemoryFile
    from shared.store import Outbox


class Service(StrEnum):
    """Those that have messages."""

    GATEWAY = "api-gateway"
    VERIFIER = "verifier"
    DISPATCHER = "github-dispatcher"
    STATUS_SYNC = "status-sync"


Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option(help="Why. It is recorded, with who and when.")]
Yes = Annotated[bool, typer.Option("--yes", help="Don't ask whether it is meant.")]


def given(reason: str) -> str:
    """A reason that says something.

    Raises:
        CommandError: It is empty.
    """
    if not reason.strip():
        raise CommandError("Say why with --reason: whoever comes later will ask.", 2)
    return reason.strip()


def who() -> str:
    """The account and the machine, for the record."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        # A container has user ids without names.
        name = str(os.getuid())
    return f"{name}@{socket.gethostname()}"


def meant(question: str, *, yes: bool) -> None:
    """Ask, unless the person has said so already.

    Raises:
        CommandError: They didn't mean it.
    """
    if not yes and not typer.confirm(question):
        raise CommandError("Nothing was done.")


@asynccontextmanager
async def outbox_of(system: System, service: Service) -> AsyncIterator["Outbox"]:
    """A service's outbox, in its database; the service may run meanwhile.

    Raises:
        CommandError: The database can't be reached.
    """
    from shared.store import (  # noqa: PLC0415 - takes a moment
        DatabaseUnavailableError,
        DatabaseUrlError,
        Outbox,
        Store,
    )

    store: Store | None = None
    try:
        store = Store.open(service, system.database_url)
        outbox = Outbox(store)
        await outbox.prepare()
        yield outbox
    except DatabaseUnavailableError as error:
        raise CommandError(f"The database: {error}. Is it running?") from error
    except DatabaseUrlError as error:
        raise CommandError(str(error), 2) from error
    finally:
        if store:
            store.close()


async def at_bus(
    system: System,
    at_file: "Callable[[MemoryFile], Any]",
    at_broker: "Callable[[Bus], Any]",
) -> Any:
    """Do something with the messages: in the embedded system's file, or at the broker.

    Raises:
        CommandError: The broker can't be reached.
    """
    from shared.messaging import (  # noqa: PLC0415 - takes a moment
        BusUnavailableError,
        MemoryFile,
        RabbitBus,
    )

    if system.directory is not None:
        file = MemoryFile(system.directory / "bus.sqlite")
        try:
            return at_file(file)
        finally:
            file.close()
    bus = RabbitBus(system.amqp_url, name="gitploy command")
    try:
        return await at_broker(bus)
    except BusUnavailableError as error:
        raise CommandError(f"{error}. Is the system running?") from error
    finally:
        await bus.close()
