"""People who push to a repository with git."""

import os
import subprocess
from pathlib import Path


def push(origin: Path, folder: Path, branch: str, text: str) -> str:
    """Commit a text to a branch, push it as people do, and answer the commit's id."""
    clone = folder / f"clone-of-{branch}"
    if not clone.exists():
        git(folder, "clone", "--quiet", str(origin), str(clone))
        git(clone, "switch", "--quiet", "--guess", "-C", branch)
    (clone / "change.txt").write_text(text)
    git(clone, "add", "change.txt")
    git(clone, "commit", "--quiet", "-m", text)
    git(clone, "push", "--quiet", "origin", branch)
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
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
