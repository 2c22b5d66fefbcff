"""The directory of a system that `demo` or `up` runs: what is kept from start to start.

Ports, tokens and the webhook secret are made once, so that whoever was given them finds
the system again. Everything in it is readable by its owner alone.
"""

import base64
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from gitploy.failing import WRONG, CommandError
from gitploy.local.backing.process import try_lock
from gitploy.local.kept import keep, keep_port, write_private
from gitploy.local.system import address_of

DEFAULT_PORT = 8080
LOOK_EVERY_S = 0.05
#: Processes whose parent was killed need a moment to end.
FREE_WITHIN_S = 60.0


def new_key() -> str:
    """A key as `GITPLOY_ENCRYPTION_KEYS` has them (Fernet's)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True)
class Place:
    """A directory, and the addresses and secrets of what runs in it."""

    dir: Path
    host: str = "127.0.0.1"

    @classmethod
    def make(cls, directory: Path, host: str, port: int | None) -> "Place":
        """Make the directory; a port that is given is kept in place of another."""
        place = cls(directory.resolve(), host)
        try:
            place.dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            place._kept.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise CommandError(
                f"{directory} can't be the data directory ({error.strerror}): "
                "choose another with --data.",
                WRONG,
            ) from error
        if port is None:
            keep(place._kept / "api-gateway.port", lambda: str(DEFAULT_PORT))
        elif port:
            write_private(place._kept / "api-gateway.port", str(port))
        return place

    @contextmanager
    def alone(self) -> Iterator[int]:
        """Be the only one who runs a system here; gives what children must inherit.

        One lock is ours alone. The other is free when the last process that inherited
        it has ended, which may be a moment after its parent was killed.
        """
        with (
            (self.dir / "lock").open("w") as ours,
            (self.dir / "children.lock").open("w") as theirs,
        ):
            if not try_lock(ours.fileno()):
                raise CommandError(
                    f"A system runs in {self.dir}: stop that one, "
                    "or choose another directory with --data."
                )
            deadline = monotonic() + FREE_WITHIN_S
            while not try_lock(theirs.fileno()):
                if monotonic() > deadline:
                    raise CommandError(
                        f"Processes of an earlier start in {self.dir} don't end: "
                        "look into the *.pid files there."
                    )
                sleep(LOOK_EVERY_S)
            yield theirs.fileno()

    def port(self, name: str) -> int:
        """The port of a process, the same at each start."""
        return keep_port(self._kept, name)

    def url(self, name: str) -> str:
        """Where that process is reached from this machine."""
        return address_of(self.host, self.port(name))

    def secret(self, name: str) -> str:
        """A token or a secret, the same at each start."""
        return keep(self._kept / name, lambda: secrets.token_urlsafe(24))

    @property
    def encryption_key(self) -> str:
        """What closes the tokens that GitHub gives for people."""
        return keep(self._kept / "encryption-key", new_key)

    @property
    def webhook_secret(self) -> str:
        """What GitHub signs with; somebody else may have to know it, and name it."""
        return os.environ.get("GITPLOY_WEBHOOK_SECRET") or self.secret("webhook-secret")

    @property
    def _kept(self) -> Path:
        return self.dir / "kept"
