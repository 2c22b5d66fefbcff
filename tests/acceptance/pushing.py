"""People who push to a repository with git."""

import os
import subprocess
from pathlib import Path

from .system import PATIENCE_S


def push(
    origin: Path,
    folder: Path,
    branch: str,
    text: str,
    *,
    file: str = "change.txt",
    amend: bool = False,
) -> str:
    """Commit a text to a branch, push it as people do, and answer the commit's id.

    Who amends takes the branch's last commit away, and pushes with force.
    """
    clone = folder / f"clone-of-{branch}"
    if not clone.exists():
        git(folder, "clone", "--quiet", str(origin), str(clone))
        git(clone, "switch", "--quiet", "--guess", "-C", branch)
    (clone / file).write_text(text)
    git(clone, "add", file)
    again, force = (["--amend"], ["--force"]) if amend else ([], [])
    git(clone, "commit", "--quiet", *again, "-m", f"Change {file}")
    git(clone, "push", "--quiet", *force, "origin", branch)
    return git(clone, "rev-parse", "HEAD")


def git(folder: Path, *words: str) -> str:
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
    }
    done = subprocess.run(
        ["git", *words],
        cwd=folder, env={**os.environ, **who}, capture_output=True, text=True,
        timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
