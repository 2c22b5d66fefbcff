"""Who may use Gitploy, and what for: the rules of the settings, and how rights compare.

Logins and organizations are compared as GitHub does, without regard to case.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

PART = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")


def is_full_name(text: str) -> bool:
    """Whether a repository may be called so, as `owner/name`."""
    owner, slash, name = text.partition("/")
    return bool(slash and PART.fullmatch(owner) and PART.fullmatch(name))


class Permission(StrEnum):
    """What GitHub lets a person do in a repository."""

    NONE = "none"
    READ = "read"
    WRITE = "write"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return list(Permission).index(self)


class Scope(IntEnum):
    """What a personal API token is for, at most."""

    READ = 1
    DEPLOY = 2
    ADMIN = 3

    @classmethod
    def named(cls, name: str) -> "Scope":
        return cls[name.upper()]

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, kw_only=True)
class AccessRules:
    """What the settings say about people."""

    #: Logins and organizations that may sign in; empty: everybody.
    members: frozenset[str] = frozenset()
    #: The only owners whose repositories count; empty: all.
    organizations: frozenset[str] = frozenset()
    #: Those who administer Gitploy, by login and, if a token of the settings is theirs,
    #: by GitHub's number.
    admins: frozenset[str] = frozenset()
    admin_ids: frozenset[int] = frozenset()
    #: A session ends when it was not used for so long, and at the latest after that.
    session_idle: timedelta = timedelta(days=3)
    session_life: timedelta = timedelta(days=30)
    #: For so long nobody asks GitHub again what somebody may do.
    fresh: timedelta = timedelta(minutes=2)
    #: For so long what is known is answered while GitHub is asked again.
    stale: timedelta = timedelta(minutes=10)
    #: For so long it holds while GitHub is away.
    hold: timedelta = timedelta(hours=4)

    def admit(self, login: str, organizations: Iterable[str]) -> bool:
        """Whether somebody may sign in."""
        names = {login.casefold(), *(name.casefold() for name in organizations)}
        return not self.members or not self.members.isdisjoint(names)

    def count(self, full_name: str) -> bool:
        """Whether a repository is one of those that Gitploy is for."""
        owner = full_name.partition("/")[0].casefold()
        return not self.organizations or owner in self.organizations

    def name_admin(self, login: str, user_id: int | None = None) -> bool:
        """Whether the settings make somebody an administrator."""
        return login.casefold() in self.admins or user_id in self.admin_ids
