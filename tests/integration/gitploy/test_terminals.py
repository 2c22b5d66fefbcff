"""The command where a terminal, or what is in its place, knows few characters."""

import os
import subprocess
import sys

import pytest


def gitploy(*words: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "gitploy.main", *words],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "40"},
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_help_and_errors_are_shown_in_any_encoding(encoding: str) -> None:
    shown = gitploy("serve", "--help", encoding=encoding)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert "--port" in shown.stdout.decode(encoding)
    refused = gitploy("repo", "get", "→/ü", encoding=encoding)
    assert refused.returncode == 2
    assert "is no repository" in refused.stderr.decode(encoding)
