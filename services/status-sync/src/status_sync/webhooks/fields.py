"""What is taken of a webhook's fields, and what is not.

The signature proves that GitHub sent it, not that its text is harmless: much of it was
written by whoever may push or deploy. So numbers fit into 64 bits, commits are commits,
text is one line of a bounded length, and an address is one that a browser opens without
running anything.
"""

import re
from typing import Final
from unicodedata import category

from shared.contracts import Person, Repository
from shared.github import resources
from shared.github.webhooks import MalformedWebhook

MOST_IDS: Final = 2**63
#: GitHub itself takes 140 characters for a description, and 255 for a name.
LONGEST_TEXT: Final = 1_000
LONGEST_NAME: Final = 255
LONGEST_URL: Final = 2_048
#: GitHub shows this account where somebody's own is gone.
GHOST: Final = Person(id=10137, login="ghost")

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SPACES: Final = {ord(c): " " for c in "\t\n\r"}
_CONTROLS: Final = {n: None for n in range(0xA0) if category(chr(n)) == "Cc"} | _SPACES


def identifier(number: int, where: str) -> int:
    """An id of GitHub's. Whoever keeps it in a table has 64 bits for it."""
    if not 0 < number < MOST_IDS:
        raise MalformedWebhook(f"{where}: {number} is no id of GitHub's")
    return number


def line(text: str, longest: int = LONGEST_TEXT) -> str:
    """Text without control characters, which no table and no terminal wants."""
    return text.translate(_CONTROLS)[:longest]


def name(text: str) -> str:
    return line(text, LONGEST_NAME)


def url(text: str) -> str:
    """An address that people may be led to; empty if they may not."""
    harmless = text.isprintable() and " " not in text and len(text) <= LONGEST_URL
    web = text[:8].lower().startswith(("http://", "https://"))
    return text if harmless and web else ""


def sha(text: str, where: str) -> str:
    """A full id of a commit or a tag."""
    if not _SHA.fullmatch(text):
        raise MalformedWebhook(f"{where}: is not a full commit id")
    return text


def repository(told: resources.Repository) -> Repository:
    return Repository(
        id=identifier(told.id, "repository.id"), full_name=name(told.full_name)
    )


def person(account: resources.Account | None, where: str) -> Person | None:
    if account is None or account.id is None:
        return None
    return Person(id=identifier(account.id, f"{where}.id"), login=name(account.login))
