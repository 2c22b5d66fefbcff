"""What GitHub said about a ref, in our words and without judgement."""

from dataclasses import dataclass, field
from typing import Literal

from shared.contracts import Repository


@dataclass(frozen=True)
class Reported:
    """The newest commit status of a context, or the newest run of a check."""

    name: str
    state: Literal["passed", "failed", "pending"]
    #: GitHub's word for it: `failure`, `timed_out`, `in_progress` …
    word: str


@dataclass(frozen=True)
class Contexts:
    """All that was reported about a commit."""

    reported: tuple[Reported, ...] = ()
    #: Who still runs checks on it: their suites have runs, and more may come.
    unfinished: tuple[str, ...] = ()
    #: GitHub withholds some or all of them from our token.
    withheld: bool = False


@dataclass(frozen=True)
class File:
    """`deploy.yml` as GitHub gave it out."""

    #: None if it isn't text, or if GitHub cut it off.
    text: str | None


@dataclass(frozen=True)
class Found:
    """The answer to the one question of a verification."""

    #: By its present name.
    repository: Repository
    #: The repository's page.
    page: str
    default_branch: str | None = None
    #: The newest commit of the default branch; none in an empty repository.
    head: str | None = None
    config_file: File | None = None
    #: The commit that the ref means; none if there is no such ref, or no commit.
    sha: str | None = None
    #: How many commits of the default branch it lacks; none if GitHub can't compare.
    behind_by: int | None = None
    contexts: Contexts = field(default_factory=Contexts)
