"""Where the data of a system is, for the commands that work on a running one."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from gitploy.failing import WRONG, CommandError
from gitploy.local.kept import write_private

AMQP: Final = "GITPLOY_AMQP_URL"
DATABASE: Final = "GITPLOY_DATABASE_URL"
#: Where the API is, and a token for it.
URL: Final = "GITPLOY_URL"
TOKEN: Final = "GITPLOY_API_TOKEN"  # noqa: S105 - its name
FILE: Final = "system.json"
TOKEN_FILE: Final = "kept/token"  # noqa: S105 - where it is
#: Where `demo` and `up` keep everything unless they are told another place.
DEMO: Final = Path(".gitploy/demo")
UP: Final = Path(".gitploy/up")
SQLITE: Final = "sqlite:///"

Data = Annotated[
    Path | None,
    typer.Option(
        help=f"The directory of its data. Default: as {AMQP} and {DATABASE} say, "
        f"else {UP} or {DEMO}.",
    ),
]


@dataclass(frozen=True)
class System:
    amqp_url: str
    database_url: str

    @property
    def directory(self) -> Path | None:
        """Where an embedded system has its files; other systems have none."""
        if not self.database_url.startswith(SQLITE):
            return None
        return Path(self.database_url.removeprefix(SQLITE))


@dataclass(frozen=True)
class Api:
    """Where a gateway is, and what it knows us by."""

    url: str
    token: str = field(repr=False)
    #: Where it can be looked up, if in a file.
    token_file: Path | None = None


def remember(directory: Path, system: System, gateway_url: str) -> None:
    """Leave the addresses for those commands."""
    told = {
        AMQP: system.amqp_url,
        DATABASE: system.database_url,
        URL: gateway_url,
    }
    write_private(directory / FILE, json.dumps(told) + "\n")


def address_of(host: str, port: int) -> str:
    """How who listens there is reached from this machine."""
    every = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104
    return f"http://{every.get(host, host)}:{port}"


def find(data: Path | None) -> System:
    """The system in a directory, else the one that the environment names."""
    if data is None and AMQP in os.environ and DATABASE in os.environ:
        return System(os.environ[AMQP], os.environ[DATABASE])
    told = _remembered(_directory(data, f"its addresses in {AMQP} and {DATABASE}"))
    return System(told[AMQP], told[DATABASE])


def find_api(data: Path | None, url: str | None, token: str | None) -> Api:
    """The gateway that was named, else that of the system in a directory."""
    if url and token:
        return Api(url.rstrip("/"), token)
    directory = _directory(data, f"its gateway with --url and {TOKEN}")
    file = directory / TOKEN_FILE
    known = url or _remembered(directory)[URL]
    if token:
        return Api(known, token)
    if not file.exists():
        raise CommandError(f"{known} wants a token: give it one in {TOKEN}.", WRONG)
    return Api(known, file.read_text(), file)


def _directory(data: Path | None, otherwise: str) -> Path:
    """Where the one system is that is meant."""
    candidates = [data] if data else [UP, DEMO]
    found = [each for each in candidates if (each / FILE).exists()]
    if len(found) == 1:
        return found[0]
    what = "are several systems" if found else "is no system"
    where = " and ".join(map(str, candidates))
    raise CommandError(
        f"There {what} in {where}: name the directory of one with --data, "
        f"or {otherwise}.",
        WRONG,
    )


def _remembered(directory: Path) -> dict[str, str]:
    return dict(json.loads((directory / FILE).read_text()))
