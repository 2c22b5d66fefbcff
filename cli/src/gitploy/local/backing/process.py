"""A server as a child process behind its guard: started, awaited, stopped, killed.

One server at a time has the directory: the lock on its file `lock` is inherited by the
guard, the server and the server's children, and is free when the last of them is gone.
So a start waits for the end of a server whose parent was killed a moment ago, and
doesn't take its last answers for those of the new one.
"""

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from gitploy.local.backing import guard

POLL_S = 0.05
LOCK_S = 60.0
LOG_TAIL = 2000


class ServerError(Exception):
    """A private server can't be started."""


class ServerMissingError(ServerError):
    """The package with the server isn't installed."""


class GuardedProcess:
    """At most one running server; remembers the guard's pipe while it runs."""

    def __init__(self) -> None:
        self._guard: subprocess.Popen[bytes] | None = None

    def start(
        self,
        directory: Path,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        options: Sequence[str] = (),
    ) -> None:
        # As a file, which imports nothing else: it starts at once and stays small.
        python = [sys.executable, "-I", guard.__file__]
        with locked(directory) as lock, (directory / "server.log").open("ab") as log:
            self._guard = subprocess.Popen(  # noqa: S603 - found by the caller
                [*python, *options, "--", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=env,
                # What a server leaves behind when it dies belongs to its own files.
                cwd=directory,
                start_new_session=True,
                pass_fds=[lock],
            )

    def wait_until(
        self, ready: Callable[[], bool], *, name: str, log: Path, limit_s: float
    ) -> None:
        """Return when the server is ready; stop it and raise when it doesn't get so."""
        deadline = time.monotonic() + limit_s
        while not ready():
            if not self.running():
                reason = "ended while starting"
            elif time.monotonic() > deadline:
                reason = f"not ready after {limit_s:.0f} s"
            else:
                time.sleep(POLL_S)
                continue
            self.stop()
            tail = log.read_text(errors="replace")[-LOG_TAIL:]
            raise ServerError(f"{name} {reason}; the end of {log}:\n{tail}")

    def running(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def stop(self) -> None:
        self._end(b"")

    def kill(self) -> None:
        self._end(guard.KILL)

    def _end(self, word: bytes) -> None:
        if self._guard is None:
            return
        # Writes the word, closes the pipe and waits, also for a guard that is gone.
        self._guard.communicate(word)
        self._guard = None


@contextmanager
def locked(directory: Path) -> Iterator[int]:
    """Hold the directory's lock; processes started meanwhile may go on holding it."""
    deadline = time.monotonic() + LOCK_S
    with (directory / "lock").open("w") as file:
        while not try_lock(file.fileno()):
            if time.monotonic() > deadline:
                raise ServerError(
                    f"{directory} is in use: another process runs its server there"
                )
            time.sleep(POLL_S)
        yield file.fileno()


def try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
