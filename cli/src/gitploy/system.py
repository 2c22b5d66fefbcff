"""Where the data of a system is, for the commands that work on a running one."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from gitploy.backing.kept import write_private
from gitploy.failing import WRONG, CommandError

AMQP: Final = "GITPLOY_AMQP_URL"
DATABASE: Final = "GITPLOY_DATABASE_URL"
FILE: Final = "system.json"
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


def remember(directory: Path, system: System) -> None:
    """Leave the addresses for those commands."""
    urls = {AMQP: system.amqp_url, DATABASE: system.database_url}
    write_private(directory / FILE, json.dumps(urls) + "\n")


def find(data: Path | None) -> System:
    """The system in a directory, else the one that the environment names."""
    if data is None and AMQP in os.environ and DATABASE in os.environ:
        return System(os.environ[AMQP], os.environ[DATABASE])
    candidates = [data] if data else [UP, DEMO]
    found = [each for each in candidates if (each / FILE).exists()]
    if len(found) == 1:
        urls = json.loads((found[0] / FILE).read_text())
        return System(urls[AMQP], urls[DATABASE])
    what = "are several systems" if found else "is no system"
    where = " and ".join(map(str, candidates))
    raise CommandError(
        f"There {what} in {where}: name the directory of one with --data, "
        f"or its addresses in {AMQP} and {DATABASE}.",
        WRONG,
    )
