"""Values that are made once and kept in a directory: passwords and ports.

A server that is started again on its directory must be where it was. Ports are taken
from below the range that the kernel gives to outgoing connections, which could
otherwise hold one just when its server comes back.
"""

import atexit
import secrets
import socket
import sys
from collections.abc import Callable
from pathlib import Path

PORTS = range(20_000, 32_000)
_held: list[socket.socket] = []


def keep(path: Path, make: Callable[[], str]) -> str:
    """Return what the file holds; write it first if there is none."""
    try:
        return path.read_text()
    except FileNotFoundError:
        value = make()
        write_private(path, value)
        return value


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600, exist_ok=False)
    new.write_text(text)
    new.replace(path)


def keep_port(directory: Path, name: str) -> int:
    return int(keep(directory / f"{name}.port", lambda: str(free_port())))


def keep_password(directory: Path) -> str:
    return keep(directory / "password", lambda: secrets.token_hex(16))


def free_port() -> int:
    """Find a port on which nobody listens, on any address, and hold it."""
    while True:
        port = secrets.choice(PORTS)
        holder = socket.socket()
        try:
            holder.bind(("", port))
        except OSError:
            holder.close()
            continue
        hold(holder)
        return port


def hold(bound: socket.socket) -> None:
    """Keep others from finding the port free too, before its server listens there.

    On Linux a server may listen on a port that another socket is bound to, if both are
    willing to share it; who looks for a free port isn't, and finds another as long as
    this process lives. Elsewhere a server may not: there the port is let go.
    """
    if sys.platform == "linux":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _held.append(bound)
        atexit.register(bound.close)
    else:
        bound.close()
