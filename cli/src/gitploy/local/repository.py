"""The git repository that the sandbox serves: somebody's own, or the sample."""

import re
from dataclasses import dataclass
from pathlib import Path

import pygit2
import yaml

from gitploy.failing import WRONG, CommandError
from gitploy.local import sample

CONFIG = "deploy.yml"
WALKTHROUGH = "docs/walkthrough.md"
NOTHING = (
    "{repo} has no deploy.yml with an environment on {branch}, so every deployment "
    "will be rejected: add one (docs/deploy-yml.md); it is read anew each time."
)


@dataclass(frozen=True)
class Lock:
    """An environment that somebody has locked, and why."""

    environment: str
    reason: str


@dataclass(frozen=True)
class Chosen:
    path: Path
    #: `owner/name`, as the sandbox calls it.
    name: str
    branch: str
    environment: str
    #: What somebody should know before trying to deploy.
    remark: str = ""
    #: With what it begins.
    lock: Lock | None = None
    #: What to read next.
    walkthrough: str = ""


def choose(repo: Path | None, directory: Path) -> Chosen:
    """Somebody's repository, or the sample in the directory."""
    if repo is None:
        path = sample.make(directory / "shop.git")
        lock = Lock(sample.LOCKED, sample.LOCKED_BECAUSE)
        return Chosen(
            path, sample.NAME, "main", "production", lock=lock, walkthrough=WALKTHROUGH
        )
    found = pygit2.discover_repository(str(repo))
    if found is None:
        raise CommandError(f"{repo} is no git repository: name one with --repo.", WRONG)
    try:
        repository = pygit2.Repository(found)
    except pygit2.GitError as error:
        raise CommandError(f"{repo} can't be read: {error}.", WRONG) from error
    if repository.head_is_unborn:
        raise CommandError(f"{repo} has no commit yet: make one first.", WRONG)
    return _of(repository, repo)


def _of(repository: pygit2.Repository, repo: Path) -> Chosen:
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", repo.resolve().name.removesuffix(".git"))
    branch = repository.head.shorthand
    environments = _environments(repository)
    remark = "" if environments else NOTHING.format(repo=repo, branch=branch)
    first = environments[0] if environments else "production"
    return Chosen(Path(repository.path), f"local/{name}", branch, first, remark)


def _environments(repository: pygit2.Repository) -> list[str]:
    """Their names, as far as they can be read: the verifier says what is wrong."""
    try:
        file = repository.head.peel(pygit2.Commit).tree[CONFIG]
        text = file.data if isinstance(file, pygit2.Blob) else b"{}"
        return [str(each["name"]) for each in yaml.safe_load(text)["envs"]]
    except (KeyError, TypeError, yaml.YAMLError):
        return []
