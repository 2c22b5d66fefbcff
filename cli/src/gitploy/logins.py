"""The tokens that a person has logged in with, in a file that they alone can read.

A token is kept with the gateway that gave it, and is never sent to another one.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gitploy.failing import WRONG, CommandError
from gitploy.local.kept import write_private

FILE: Final = "logins.json"


@dataclass(frozen=True)
class Login:
    """Somebody's token at a gateway."""

    url: str
    login: str
    token: str = field(repr=False)


class Logins:
    """All of them; the one that was made last is the one that is meant."""

    def __init__(self) -> None:
        self.file = _configuration() / "gitploy" / FILE

    def of(self, url: str | None = None) -> Login | None:
        """The login at a gateway, else the newest."""
        hosts = self._read()
        wanted = url or next(reversed(hosts), None)
        if wanted is None or wanted not in hosts:
            return None
        return Login(wanted, hosts[wanted]["login"], hosts[wanted]["token"])

    def keep(self, login: Login) -> None:
        """Make it the newest."""
        hosts = self._read()
        hosts.pop(login.url, None)
        hosts[login.url] = {"login": login.login, "token": login.token}
        self._write(hosts)

    def forget(self, login: Login) -> None:
        hosts = self._read()
        hosts.pop(login.url, None)
        self._write(hosts)

    def _read(self) -> dict[str, Any]:
        try:
            told = json.loads(self.file.read_text())
            return {url: dict(each) for url, each in told["hosts"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise CommandError(
                f"{self.file} can't be read ({error}): remove it, and log in again.",
                WRONG,
            ) from error

    def _write(self, hosts: dict[str, Any]) -> None:
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self.file, json.dumps({"hosts": hosts}, indent=2) + "\n")
        except OSError as error:
            raise CommandError(
                f"{self.file} can't be written: {error.strerror}. XDG_CONFIG_HOME "
                "names another place.",
                WRONG,
            ) from error


def _configuration() -> Path:
    """Where a person's configuration is, by the XDG Base Directory Specification."""
    told = os.environ.get("XDG_CONFIG_HOME", "")
    return Path(told) if told.startswith("/") else Path.home() / ".config"
