"""Which repository at GitHub is meant, where a command doesn't say it."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gitploy.failing import WRONG, CommandError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
#: `user@host:owner/name`, as ssh takes it.
SCP: Final = re.compile(r"(?:[^@/\s]+@)?[^:/\s]+:(?!/)(?P<path>[^\s]+)")
#: Those that are looked at first: a fork is rarely what is deployed.
PREFERRED: Final = ("upstream", "origin")


def repository_of(told: str | None, folder: Path | None = None) -> str:
    """The repository that was told, else that of the folder's git remote.

    Raises:
        CommandError: It is none, or can't be guessed.
    """
    if told:
        if NAME.fullmatch(told):
            return told
        raise CommandError(
            f"{told} is no repository: name it as OWNER/NAME.", WRONG
        ) from None
    return guessed(folder or Path.cwd())


def guessed(folder: Path) -> str:
    """The one that the git remote of a folder names.

    Raises:
        CommandError: There is no such remote.
    """
    urls = _remotes(folder)
    for name in [*PREFERRED, *(urls if len(urls) == 1 else ())]:
        if found := name_in(urls.get(name, "")):
            return found
    names = ", ".join(urls) or "none"
    raise CommandError(
        f"No git remote of {folder} names a repository at GitHub (there is {names}): "
        "name it as OWNER/NAME, with --repo, or in GITPLOY_REPO.",
        WRONG,
    )


def name_in(url: str) -> str | None:
    """`owner/name` in a remote's address: of https, ssh, git, at whichever host."""
    if "://" in url:
        parts = urlsplit(url)
        path = parts.path if parts.scheme in {"https", "http", "ssh", "git"} else ""
    else:
        found = SCP.fullmatch(url)
        path = found["path"] if found else ""
    name = path.strip("/").removesuffix(".git")
    return name if NAME.fullmatch(name) else None


def _remotes(folder: Path) -> dict[str, str]:
    """Addresses by names; none where there is no git repository."""
    import pygit2  # noqa: PLC0415 - takes a moment

    try:
        found = pygit2.discover_repository(str(folder))
        if found is None:
            return {}
        remotes = pygit2.Repository(found).remotes
        return {str(remote.name): str(remote.url or "") for remote in remotes}
    except pygit2.GitError as error:
        raise CommandError(
            f"The git repository of {folder} can't be read ({error}): "
            "name the repository with --repo.",
            WRONG,
        ) from error
