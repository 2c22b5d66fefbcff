"""Processes that a benchmark starts, waits for and ends."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running(
    module: str, environment: Mapping[str, str], log: Path, ready_url: str
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m MODULE`, from when it is ready to the end of the block."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
        )
    try:
        wait_until_ready(process, ready_url, log)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_until_ready(
    process: subprocess.Popen[bytes], url: str, log: Path, limit_s: float = 30
) -> None:
    """Return at the first 200."""
    deadline = time.monotonic() + limit_s
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - http only
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"{url} is not ready: {log.read_text()[-2000:]}")
