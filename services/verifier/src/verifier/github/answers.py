"""GitHub's GraphQL answers as types, and what they mean in the domain's words."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from verifier.domain.found import File

from .parts import Part
from .reports import Reports


class Account(Part):
    login: str


class Author(Part):
    #: As the commit says.
    name: str | None = None
    #: Whom GitHub takes that for.
    user: Account | None = None


class Target(Reports):
    """What a ref or an id means: a commit, or a tag that means another object."""

    kind: str = Field(alias="__typename")
    oid: str
    author: Author | None = None
    committed_date: datetime | None = None
    target: "Target | None" = None

    @property
    def made_by(self) -> str | None:
        author = self.author or Author()
        return author.user.login if author.user else author.name


class Named(Part):
    target: Target


class Present(Part):
    """A ref that there is."""

    name: str


class Oid(Part):
    oid: str


class Comparison(Part):
    behind_by: int
    ahead_by: int
    head_target: Oid


class Blob(Part):
    #: Missing where the path is not a file.
    is_truncated: bool = True
    text: str | None = None


class Entry(Part):
    object: Blob | None = None

    def file(self) -> File:
        whole = self.object is not None and not self.object.is_truncated
        return File(self.object.text if self.object and whole else None)


class Head(Part):
    oid: str
    file: Entry | None = None


class Branch(Part):
    name: str = ""
    target: Head | None = None
    compare: Comparison | None = None


class RepositoryAnswer(Part):
    database_id: int | None = None
    name_with_owner: str = ""
    url: str = ""
    default_branch_ref: Branch | None = None
    named: Named | None = None
    direct: Target | None = None
    object: Target | None = None
    branch: Present | None = None
    tag: Present | None = None

    @property
    def kinds(self) -> frozenset[Literal["branch", "tag"]]:
        """Which kinds of ref have the name that was asked for."""
        told: dict[Literal["branch", "tag"], Present | None]
        told = {"branch": self.branch, "tag": self.tag}
        return frozenset(kind for kind, there in told.items() if there)

    @property
    def target(self) -> Target | None:
        return self.named.target if self.named else self.direct

    def compared(self, sha: str) -> Comparison | None:
        """This commit and the default branch; none if another one was compared."""
        compared = self.default_branch_ref and self.default_branch_ref.compare
        return compared if compared and compared.head_target.oid == sha else None


class Answer(Part):
    repository: RepositoryAnswer | None = None
