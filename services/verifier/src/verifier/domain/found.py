"""What GitHub said about a ref, in our words and without judgement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.contracts import Person, Repository


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
    #: Who still runs checks on it although none of those reported is pending: their
    #: suites have runs, and more may come.
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
    #: Where the repository keeps its rules.
    config_path: str = "deploy.yml"
    config_file: File | None = None
    #: The commit that the ref means, or that was asked for by its id, if there is one.
    sha: str | None = None
    #: Who made the commit, as far as GitHub can tell.
    author: str | None = None
    committed_at: datetime | None = None
    #: Which kinds of ref have this name at this moment.
    kinds: frozenset[Literal["branch", "tag"]] = frozenset()
    #: How many commits of the default branch it lacks; none if GitHub can't compare.
    behind_by: int | None = None
    #: How many it has that the default branch lacks.
    ahead_by: int | None = None
    contexts: Contexts = field(default_factory=Contexts)


@dataclass(frozen=True)
class Named:
    """Whom GitHub is asked about: logins, and teams as `@organization/team`."""

    logins: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.logins or self.teams)


@dataclass(frozen=True)
class Standing:
    """Somebody, and what they may do in the repository."""

    person: Person
    permission: Literal["none", "read", "write", "admin"]


@dataclass(frozen=True)
class People:
    """What GitHub says of those who were named. All keys are case-folded."""

    #: None: nobody at GitHub is called so.
    standings: Mapping[str, Standing | None] = field(default_factory=dict)
    #: None: GitHub shows no such team to our token.
    teams: Mapping[str, tuple[Person, ...] | None] = field(default_factory=dict)

    def standing(self, login: str) -> Standing | None:
        return self.standings.get(login.casefold())

    def members(self, team: str) -> tuple[Person, ...] | None:
        return self.teams.get(team.casefold())
