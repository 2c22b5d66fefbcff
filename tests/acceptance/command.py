"""`gitploy demo` and `gitploy up` as a person or a script runs them."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from .system import HTTP, PATIENCE_S, WAIT_S, eventually, patient


class Running:
    """One run of the command, and what it tells about itself."""

    def __init__(
        self,
        command: str,
        folder: Path,
        *options: str,
        env: Mapping[str, str] | None = None,
        data: Path | None = None,
    ) -> None:
        self.data = data or folder / "data"
        self.ready_file = folder / "ready.json"
        self._output = folder / "output.txt"
        # The file of an earlier run may still be there for a moment.
        self._stale = self._written()
        told = ["--port", "0", "--data", str(self.data)]
        told += ["--ready-file", str(self.ready_file), *options]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gitploy", command, *told],
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def wait_until_ready(self) -> dict[str, Any]:
        """What the ready file says, once this run has written it."""

        def written() -> bool:
            code = self.process.poll()
            assert code is None, f"it ended with {code}: {self.output}"
            return self._written() not in {None, self._stale}

        eventually(written, bool)
        return self.ready

    def _written(self) -> tuple[int, int] | None:
        """Which file it is: a new one may get the number of one that is gone."""
        try:
            found = self.ready_file.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    @property
    def ready(self) -> dict[str, Any]:
        return dict(json.loads(self.ready_file.read_text()))

    def printed_command(self) -> str:
        """The line that is there to be pasted."""
        lines = self.output.splitlines()
        return next(line for line in lines if line.lstrip().startswith("curl "))

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the API, below the repository."""
        ready = self.ready
        url = f"{ready['gateway_url']}/api/v1/repos/{ready['repository']}{path}"
        bearer = {"Authorization": f"Bearer {ready['token']}"}
        headers = bearer | patient() | options.pop("headers", {})
        return HTTP.request(method, url, headers=headers, **options)

    def deploy(self, env: str = "production", wait_s: int = WAIT_S) -> httpx.Response:
        body = {"type": "branch", "ref": "main", "env": env}
        return self.call("POST", "/deployments", json=body, headers=patient(wait_s))

    def ends(self, number: int, phase: str = "success") -> dict[str, Any]:
        """The deployment, once it is in this phase."""
        path = f"/deployments/{number}"
        shown = eventually(
            lambda: self._shown(path), lambda shown: shown.get("phase") == phase
        )
        return dict(shown)

    def _shown(self, path: str) -> dict[str, Any]:
        try:
            return dict(self.call("GET", path).json())
        except httpx.TransportError:
            return {}

    def position(self) -> str:
        """How far the log is shown: with that live events begin."""
        url = f"{self.ready['gateway_url']}/api/v1/stream/events"
        headers = {"Authorization": f"Bearer {self.ready['token']}"}
        with HTTP.stream("GET", url, headers=headers) as events:
            lines = events.iter_lines()
            return next(line for line in lines if line.startswith("id: "))

    def deployments(self) -> list[dict[str, Any]]:
        return list(self.call("GET", "/deployments", params={"per_page": 100}).json())

    def made_again(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All deployments before and after their rows were made again.

        Both are of one moment of the log: something may go on, or be told twice.
        """
        before: list[dict[str, Any]] = []
        after: list[dict[str, Any]] = []
        at = ""
        while at != (at := self.position()):
            before = self.deployments()
            assert "made again" in self.gitploy("projections", "rebuild")
            after = self.deployments()
        return before, after

    def pids(self) -> dict[str, int]:
        """The child processes by their names."""
        files = self.data.glob("*.pid")
        return {file.stem: int(file.read_text()) for file in files}

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; answers the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def gitploy(self, *command: str) -> str:
        """Another command, on the same data."""
        done = subprocess.run(
            [sys.executable, "-m", "gitploy", *command, "--data", str(self.data)],
            capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


def alive(pid: int) -> bool:
    """Whether the process runs; one that is dead and not yet buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def answers(url: str) -> bool:
    """Whether somebody listens there."""
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 0), 1).close()
    except OSError:
        return False
    return True
