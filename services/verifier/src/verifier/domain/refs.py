"""What a ref is called: in short, and in full, which can't be mistaken."""

from typing import Final

from shared.contracts import Ref

#: Where git keeps them. A commit has no name but its id.
FOLDERS: Final = {"branch": "refs/heads/", "tag": "refs/tags/"}


def is_full(ref: Ref) -> bool:
    """Whether it was called by its full name: `refs/heads/main`."""
    return ref.type in FOLDERS and ref.name.startswith(FOLDERS[ref.type])


def short_name(ref: Ref) -> str | None:
    """Its name without the folder; none if it is in the folder of another kind."""
    if is_full(ref):
        return ref.name.removeprefix(FOLDERS[ref.type])
    misplaced = ref.type in FOLDERS and ref.name.startswith(tuple(FOLDERS.values()))
    return None if misplaced else ref.name
