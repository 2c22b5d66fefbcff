"""A private PostgreSQL cluster in a directory, on 127.0.0.1 alone.

PostgreSQL refuses to run as root. Root's cluster therefore runs as `postgres` or
`nobody`; since that user can't enter a directory below somebody's home, it gets the
one capability to pass through (`setpriv`), not the rights of root.
"""

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from gitploy.local.backing.process import (
    GuardedProcess,
    ServerError,
    ServerMissingError,
)
from gitploy.local.kept import keep_password, keep_port

READY_S = 60.0
OPTIONS = {"unix_socket_directories": "", "max_connections": "200"}
#: Nothing survives a crash of the machine: for data that nobody misses.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
HOMEBREW = (Path("/opt/homebrew/opt"), Path("/usr/local/opt"))


@dataclass(frozen=True)
class Postgres:
    dir: Path
    #: 0 picks a free port and keeps it.
    port: int = 0
    fast: bool = False
    _process: GuardedProcess = field(
        default_factory=GuardedProcess, init=False, repr=False, compare=False
    )

    @property
    def url(self) -> str:
        port = self.port or keep_port(self.dir, "postgres")
        password = keep_password(self.dir)
        return f"postgresql://gitploy:{password}@127.0.0.1:{port}/postgres"

    def start(self) -> str:
        """Start it, with the data that it had, and return its URL once it answers."""
        binaries = find_binaries()
        self.dir.mkdir(parents=True, exist_ok=True)
        url = self.url
        self._init(binaries)
        self._process.start(
            self.dir,
            [*as_user(), str(binaries / "postgres"), *self._arguments()],
            # SIGINT ends sessions and stops in order; SIGQUIT stops like a crash.
            options=[
                f"--stop-signal={signal.SIGINT.value}",
                f"--kill-signal={signal.SIGQUIT.value}",
            ],
        )
        log = self.dir / "server.log"
        self._process.wait_until(
            lambda: answers(url), name="PostgreSQL", log=log, limit_s=READY_S
        )
        return url

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        self._process.kill()

    def running(self) -> bool:
        return self._process.running()

    def _arguments(self) -> Iterator[str]:
        port = str(self.port or keep_port(self.dir, "postgres"))
        settings = {"listen_addresses": "127.0.0.1", "port": port, **OPTIONS}
        yield from ("-D", str(self.dir / "data"))
        for name, value in (settings | (FAST if self.fast else {})).items():
            yield from ("-c", f"{name}={value}")

    def _init(self, binaries: Path) -> None:
        data, new = self.dir / "data", self.dir / "data.new"
        if data.exists():
            return
        shutil.rmtree(new, ignore_errors=True)  # of an earlier start that was killed
        new.mkdir(mode=0o700)
        if os.geteuid() == 0:
            user = server_user()
            os.chown(new, user.pw_uid, user.pw_gid)
        command = [*as_user(), str(binaries / "initdb"), "--no-sync", "--no-locale"]
        command += ["--encoding=UTF8", "--username=gitploy", "--auth=scram-sha-256"]
        command += [f"--pwfile={self.dir / 'password'}", f"--pgdata={new}"]
        done = subprocess.run(  # noqa: S603 - found by us
            command, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise ServerError(f"initdb in {new} failed: {done.stderr.strip()}")
        new.rename(data)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def find_binaries() -> Path:
    """Find the newest PostgreSQL with a server."""
    for directory in candidates():
        if (directory / "initdb").exists() and (directory / "postgres").exists():
            return directory
    raise ServerMissingError(
        "PostgreSQL's server isn't installed: install the package `postgresql`"
        " (Debian, Ubuntu) or `brew install postgresql`"
    )


def candidates() -> Iterator[Path]:
    yield from newest_first(Path("/usr/lib/postgresql"), "*/bin")
    if config := shutil.which("pg_config"):
        found = subprocess.run(  # noqa: S603 - found on the PATH
            [config, "--bindir"], check=True, capture_output=True, text=True
        )
        yield Path(found.stdout.strip())
    for cellar in HOMEBREW:
        yield from newest_first(cellar, "postgresql*/bin")
    yield from (Path(part) for part in os.get_exec_path())


def newest_first(root: Path, pattern: str) -> list[Path]:
    def version(directory: Path) -> int:
        digits = "".join(filter(str.isdigit, directory.parent.name))
        return int(digits or 0)

    return sorted(root.glob(pattern), key=version, reverse=True)


def as_user() -> list[str]:
    """What stands before the command so that it runs as somebody who isn't root."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ServerError(
            "PostgreSQL refuses to run as root, and `setpriv` (package `util-linux`)"
            " is missing: install it, or run this command as another user"
        )
    user = server_user()
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    pass_through = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return [setpriv, *ids, *pass_through, "--"]


def server_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
