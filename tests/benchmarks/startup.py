"""How soon the embedded system is ready, and what it occupies when idle."""

import os
import socket
import subprocess
import time
from pathlib import Path

from .processes import running

STARTS = 5


def resident_megabytes(pid: int) -> float:
    """What the process occupies now, as `ps` knows it."""
    shown = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True
    )
    return int(shown.stdout) / 1024


def measure_startup(directory: Path) -> str:
    seconds, megabytes = [], []
    for n in range(STARTS):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        data = directory / f"start-{n}"
        data.mkdir(parents=True)
        environment = {
            "GITPLOY_DATABASE_URL": f"sqlite:///{data}/",
            "GITPLOY_HTTP_PORT": str(port),
            "GITPLOY_HOOKS_URL": "http://127.0.0.1/hooks",
            "GITPLOY_WEBHOOK_SECRET": "secret",
            "GITPLOY_API_TOKEN": "token",
            "GITPLOY_GITHUB_TOKEN": "token",
            "GITPLOY_GITHUB_API_URL": "http://127.0.0.1:9",
            "GITPLOY_GITHUB_GRAPHQL_URL": "http://127.0.0.1:9/graphql",
        }
        began = time.perf_counter()
        url = f"http://127.0.0.1:{port}/readyz"
        with running("standalone", environment, data / "log", url) as process:
            seconds.append(time.perf_counter() - began)
            megabytes.append(resident_megabytes(process.pid))
    return (
        f"embedded system: ready after {sorted(seconds)[STARTS // 2]:.1f} s (goal 3), "
        f"{max(megabytes):.0f} MB when idle (goal 150), {os.cpu_count()} cores"
    )
