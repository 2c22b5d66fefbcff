"""Whether a ref is a branch, a tag or a commit, where nobody says it."""

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from gitploy.failing import WRONG, CommandError
from gitploy.paths import of_repository

if TYPE_CHECKING:
    from gitploy.client import Client

COMMIT: Final = re.compile(r"[0-9a-fA-F]{7,64}")


class Kind(StrEnum):
    BRANCH = "branch"
    TAG = "tag"
    COMMIT = "commit"


PREFIXES: Final = {"refs/heads/": Kind.BRANCH, "refs/tags/": Kind.TAG}


async def kind_of(
    client: "Client", repository: str, ref: str, told: Kind | None
) -> tuple[Kind, str]:
    """Its kind and its name; what is neither a branch nor a tag may be a commit.

    Raises:
        CommandError: It is a branch and a tag.
    """
    for prefix, kind in PREFIXES.items():
        if ref.startswith(prefix):
            return kind, ref.removeprefix(prefix)
    if told is not None:
        return told, ref
    found = [
        kind
        for kind, resource in ((Kind.BRANCH, "branches"), (Kind.TAG, "tags"))
        if await client.get(of_repository(repository, resource, ref), or_else=None)
    ]
    if len(found) > 1:
        raise CommandError(
            f"{ref} is a branch and a tag: say which with --type.", WRONG
        )
    if found:
        return found[0], ref
    return (Kind.COMMIT if COMMIT.fullmatch(ref) else Kind.BRANCH), ref
