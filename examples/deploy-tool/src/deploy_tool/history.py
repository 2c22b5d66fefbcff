"""What the tool has taken and how far it came, in an SQLite file.

A webhook is answered once its deployment is in the file. GitHub may deliver it twice,
and the tool may be killed at any moment: a deployment that is known isn't begun again,
and one that isn't finished is taken up where its last posted step was.
"""

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path

from deploy_tool.webhook import Deployment

TABLES = """
CREATE TABLE IF NOT EXISTS deployments (
    id INTEGER PRIMARY KEY, said TEXT NOT NULL, finished INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS steps (
    deployment_id INTEGER NOT NULL, state TEXT NOT NULL, line TEXT NOT NULL,
    posted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (deployment_id, state)
);
"""


class History:
    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.executescript(TABLES)

    def close(self) -> None:
        self._file.close()

    def take(self, deployment: Deployment) -> bool:
        """Record the deployment; False when it is known already."""
        done = self._file.execute(
            "INSERT OR IGNORE INTO deployments (id, said) VALUES (?, ?)",
            (deployment.id, json.dumps(asdict(deployment))),
        )
        return done.rowcount == 1

    def unfinished(self) -> list[Deployment]:
        rows = self._file.execute(
            "SELECT said FROM deployments WHERE NOT finished ORDER BY id"
        )
        return [Deployment(**json.loads(said)) for (said,) in rows]

    def finish(self, deployment_id: int) -> None:
        self._file.execute(
            "UPDATE deployments SET finished = 1 WHERE id = ?", (deployment_id,)
        )

    def is_finished(self, deployment_id: int) -> bool | None:
        """Whether it is; None when the deployment isn't known."""
        row = self._file.execute(
            "SELECT finished FROM deployments WHERE id = ?", (deployment_id,)
        ).fetchone()
        return None if row is None else bool(row[0])

    def begin_step(self, deployment_id: int, state: str, line: str) -> None:
        self._file.execute(
            "INSERT OR IGNORE INTO steps (deployment_id, state, line) VALUES (?, ?, ?)",
            (deployment_id, state, line),
        )

    def step_posted(self, deployment_id: int, state: str) -> None:
        self._file.execute(
            "UPDATE steps SET posted = 1 WHERE deployment_id = ? AND state = ?",
            (deployment_id, state),
        )

    def is_posted(self, deployment_id: int, state: str) -> bool:
        row = self._file.execute(
            "SELECT posted FROM steps WHERE deployment_id = ? AND state = ?",
            (deployment_id, state),
        ).fetchone()
        return bool(row and row[0])

    def lines(self, deployment_id: int) -> list[str]:
        rows = self._file.execute(
            "SELECT line FROM steps WHERE deployment_id = ? ORDER BY rowid",
            (deployment_id,),
        )
        return [line for (line,) in rows]
