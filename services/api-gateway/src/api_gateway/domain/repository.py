"""A repository: who asked Gitploy to follow it, what came of that, and the numbers.

Commands are filed by their id and answers find them by it, in whatever order they come.
A repository is active when the newest command that GitHub has carried out says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar, get_args
from uuid import UUID, uuid5

from shared.contracts import (
    AutoDeployFailed,
    AutoDeployRecovered,
    Fact,
    Message,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryChanged,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
    RepositoryGone,
    RepositoryRenamed,
)
from shared.contracts import Repository as RepositoryName

from .commands import (
    CommandAskedAgain,
    Commanded,
    CommandLeftUnanswered,
    Commands,
    filed,
    in_order,
)

DEFAULT_CONFIG_PATH = "deploy.yml"
NAMESPACE = UUID("5f0c1b1e-3c0e-4b0a-9d57-6b1d5a0f7c11")


class NumberGiven(Fact):
    """A deployment has got the repository's next number."""

    number: int
    deployment_id: UUID


Command = RepositoryActivationRequested | RepositoryDeactivationRequested
Answer = RepositoryActivated | RepositoryActivationRefused | RepositoryDeactivated
AboutCommand = Command | Answer | CommandAskedAgain | CommandLeftUnanswered
AutoDeployNews = AutoDeployFailed | AutoDeployRecovered
News = RepositoryGone | RepositoryRenamed | AutoDeployNews
RepositoryFact = NumberGiven | News | RepositoryChanged | AboutCommand
Activation = Commanded[Command, Answer]
REPOSITORY_FACTS: frozenset[type[Fact]] = frozenset(get_args(RepositoryFact))


def stream_of(repository_id: int) -> UUID:
    """The stream of a repository, by GitHub's numeric id."""
    return uuid5(NAMESPACE, str(repository_id))


@dataclass(frozen=True)
class Repository:
    """Everything known about one repository."""

    #: The number of the newest deployment.
    last_number: int = 0
    #: When it was given.
    deployed_at: datetime | None = None
    commands: Commands[Command, Answer] = field(default_factory=dict)
    #: When GitHub last did not know it.
    gone: Message[RepositoryGone] | None = None
    #: Its newest name at GitHub, if it was ever renamed.
    renamed: Message[RepositoryRenamed] | None = None
    #: How it was said last to be treated.
    said: Message[RepositoryChanged] | None = None
    #: What the verifier said last of its pushes.
    pushes: Message[AutoDeployNews] | None = None

    @property
    def in_order(self) -> Sequence[Activation]:
        """The commands, as they were given."""
        return in_order(self.commands)

    @property
    def newest(self) -> Activation | None:
        return self.in_order[-1] if self.in_order else None

    @property
    def waiting(self) -> Sequence[Activation]:
        """The command whose answer is waited for: older ones are moot."""
        return [self.newest] if self.newest and self.newest.open else []

    @property
    def settled(self) -> Message[Answer] | None:
        """The answer to the newest command that was carried out."""
        done = [c.answer for c in self.in_order if c.carried_out]
        return done[-1] if done else None

    @property
    def named(self) -> RepositoryName | None:
        """By its newest name: as it was commanded, or renamed since."""
        command = self.newest.command if self.newest else None
        renamed = self.renamed
        if renamed and (command is None or command.time <= renamed.data.seen_at):
            return renamed.data.repository
        return command.data.repository if command else None

    @property
    def config_path(self) -> str:
        """Where it keeps its rules."""
        return self.said.data.config_path if self.said else DEFAULT_CONFIG_PATH

    @property
    def auto_deploy_problem(self) -> AutoDeployFailed | None:
        """Why its last push was deployed nowhere, if there were no valid rules."""
        news = self.pushes.data if self.pushes else None
        return news if isinstance(news, AutoDeployFailed) else None

    @property
    def active(self) -> bool:
        activated = isinstance(self.settled and self.settled.data, RepositoryActivated)
        return activated and not self.lost

    @property
    def lost(self) -> bool:
        """Whether GitHub has not shown it to us since it was settled last."""
        if self.gone is None:
            return False
        return self.settled is None or self.settled.time < self.gone.data.seen_at

    @property
    def loss(self) -> tuple[str, str] | None:
        """Why nothing is deployed here any more: the code and the sentence."""
        if self.gone and self.lost:
            name = self.gone.data.repository.full_name
            what = (
                "is deleted"
                if self.gone.data.reason == "deleted"
                else ("is not shown to Gitploy any more: check its token's permissions")
            )
            return "repository_gone", f"At GitHub {name} {what}."
        if self.settled and not self.active:
            name = self.settled.data.repository.full_name
            return "repository_inactive", f"Gitploy does not follow {name} any more."
        return None


def evolve(known: Repository, message: Message[RepositoryFact]) -> Repository:
    """File a message. The order in which they are filed makes no difference."""
    data = message.data
    if isinstance(data, NumberGiven):
        return _numbered(known, message.time, data.number)
    if isinstance(data, RepositoryChanged):
        return replace(known, said=_newest(known.said, message))
    if isinstance(data, RepositoryGone):
        return replace(known, gone=_last_seen(known.gone, message))
    if isinstance(data, RepositoryRenamed):
        return replace(known, renamed=_last_seen(known.renamed, message))
    if isinstance(data, AutoDeployFailed | AutoDeployRecovered):
        return replace(known, pushes=_newest(known.pushes, message))
    return replace(known, commands=filed(known.commands, message))


S = TypeVar("S", RepositoryChanged, AutoDeployNews)


def _newest(known: Message[S] | None, told: Message[Any]) -> Message[S]:
    """What one stream has said has the order of its places there."""
    return max(known or told, told, key=lambda m: (m.revision, m.id))


N = TypeVar("N", RepositoryGone, RepositoryRenamed)


def _last_seen(known: Message[N] | None, told: Message[Any]) -> Message[N]:
    return max(known or told, told, key=lambda m: (m.data.seen_at, m.time, m.id))


def _numbered(known: Repository, at: datetime, number: int) -> Repository:
    return replace(
        known,
        last_number=max(known.last_number, number),
        deployed_at=max(known.deployed_at or at, at),
    )


def counted(
    known: Repository, number: int, deployment_id: UUID
) -> Sequence[NumberGiven]:
    """A number was given that an older log, which was restored, does not know of."""
    if number <= known.last_number:
        return []
    return [NumberGiven(number=number, deployment_id=deployment_id)]


def configured(known: Repository, config_path: str) -> Sequence[RepositoryChanged]:
    """Somebody wants the rules to be read elsewhere; nothing if they are."""
    return [] if config_path == known.config_path else _changed(known, config_path)


def changed(known: Repository) -> Sequence[RepositoryChanged]:
    """Whether it is followed, for those who have to know; nothing if they do."""
    told = known.said.data.active if known.said else False
    return [] if told == known.active else _changed(known, known.config_path)


def _changed(known: Repository, config_path: str) -> Sequence[RepositoryChanged]:
    if known.named is None:
        return []
    return [
        RepositoryChanged(
            repository=known.named,
            config_path=config_path,
            active=known.active,
        )
    ]
