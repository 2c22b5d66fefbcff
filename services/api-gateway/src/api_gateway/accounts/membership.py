"""Puts together what knows people, with GitHub where they sign in, or without."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from api_gateway.domain.access import AccessRules
from shared.contracts import Person

from .access import Access
from .accounts import Accounts
from .github_tokens import GitHubTokens
from .keys import Keys
from .ports import GitHubPeople
from .records import Records
from .syncing import Followed, Syncing

T = TypeVar("T")
Loop = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class SigningIn:
    """What there is where people sign in with GitHub."""

    keys: Keys
    github: GitHubPeople
    tokens: GitHubTokens
    access: Access
    syncing: Syncing


@dataclass(frozen=True)
class Membership:
    """Everything that knows people."""

    accounts: Accounts
    #: None where nobody signs in.
    with_github: SigningIn | None = None

    @classmethod
    def open(
        cls,
        records: Records,
        rules: AccessRules,
        followed: Followed,
        github: tuple[Keys, GitHubPeople] | None,
    ) -> "Membership":
        """Over these tables, and GitHub with the keys for what it gives."""
        accounts = Accounts(records, rules)
        if github is None:
            return cls(accounts)
        keys, asked = github
        tokens = GitHubTokens(records, keys, asked)
        access = Access(records, rules, asked, tokens)
        syncing = Syncing(accounts, asked, access, followed)
        return cls(accounts, SigningIn(keys, asked, tokens, access, syncing))

    async def in_name_of(
        self, who: Person, ask: Callable[[str | None], Awaitable[T]]
    ) -> T:
        """What GitHub answers to a person's token; to none: Gitploy asks for itself."""
        if self.with_github is None:
            return await ask(None)
        return await self.with_github.access.in_name_of(who, ask)

    @property
    def tasks(self) -> Sequence[Loop]:
        """What runs while the service is up."""
        return [self.with_github.syncing.run] if self.with_github else []

    async def prepare(self) -> None:
        """Make the tables, and bring all under the newest key."""
        await self.accounts.records.prepare()
        if self.with_github:
            await self.with_github.tokens.prepare()

    async def close(self) -> None:
        """Ask no more, and let go of the tables."""
        if self.with_github:
            await self.with_github.access.close()
            await self.with_github.syncing.looking.close()
        self.accounts.records.tables.close()
