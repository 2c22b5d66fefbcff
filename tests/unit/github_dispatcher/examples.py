"""A deployment to carry out, and a GitHub that does what a test wants."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from typing import Any
from uuid import UUID

from github_dispatcher.domain.answers import (
    Answer,
    GitHubDeployment,
    Limits,
    NotNow,
    PostedStatus,
    Refusal,
    StatusAnswer,
    Stopped,
    Unclear,
)
from github_dispatcher.domain.dispatch import Dispatch, evolve
from github_dispatcher.domain.hook import HookReady
from github_dispatcher.ports import NoAnswerError, OutOfReachError, RepositoryGoneError
from shared.contracts import (
    CancelRequested,
    Check,
    Fact,
    GitHubDeploymentSeen,
    Person,
    PinnedConfig,
    Ref,
    RefVerified,
    RemoteStatusRequested,
    Repository,
    RepositoryActivationRequested,
    RepositoryDeactivationRequested,
)
from shared.testing import T0, FakeClock, said

ID = UUID("11111111-1111-4111-8111-111111111111")
REPOSITORY = Repository(id=7, full_name="octo/shop")
ANN = Person(id=1, login="ann")
SHA = "a" * 40
LIMITS = Limits()
#: The tooling's own final status of whatever it has finished.
FINAL = 900
SOON = timedelta(seconds=10)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def order(**changes: Any) -> RefVerified:
    given: dict[str, Any] = {
        "deployment_id": ID,
        "number": 1,
        "repository": REPOSITORY,
        "environment": "production",
        "ref": Ref(type="branch", name="main"),
        "sha": SHA,
        "config": PinnedConfig(
            commit="b" * 40, digest="c" * 64, environment="production"
        ),
        "requested_by": ANN,
        "checks": (Check(code="ref", state="passed", message="It exists."),),
        "resolved_at": T0,
        "not_after": T0 + timedelta(minutes=15),
    }
    return RefVerified(**given | changes)


def cancel(**changes: Any) -> CancelRequested:
    given: dict[str, Any] = {
        "deployment_id": ID,
        "repository": REPOSITORY,
        "by": "person",
        "who": ANN,
        "code": "canceled",
        "reason": "Not today.",
    }
    return CancelRequested(**given | changes)


def at_github(number: int = 42, **changes: Any) -> GitHubDeployment:
    given: dict[str, Any] = {
        "id": number,
        "sha": SHA,
        "url": f"https://api.github.com/deployments/{number}",
        "environment": "production",
        "task": "deploy",
        "marker": ID,
    }
    return GitHubDeployment(**given | changes)


def seen(number: int = 42, **changes: Any) -> GitHubDeploymentSeen:
    given: dict[str, Any] = {
        "deployment_id": ID,
        "repository": REPOSITORY,
        "github_deployment_id": number,
        "environment": "production",
        "task": "deploy",
        "sha": SHA,
    }
    return GitHubDeploymentSeen(**given | changes)


def activation(n: int = 1) -> RepositoryActivationRequested:
    return RepositoryActivationRequested(
        command_id=UUID(int=n), repository=REPOSITORY, requested_by=ANN
    )


def deactivation(n: int = 2) -> RepositoryDeactivationRequested:
    return RepositoryDeactivationRequested(
        command_id=UUID(int=n), repository=REPOSITORY, requested_by=ANN
    )


def wish(n: int = 1, **changes: Any) -> RemoteStatusRequested:
    told: dict[str, Any] = {
        "command_id": UUID(int=100 + n),
        "repository": REPOSITORY,
        "requested_by": ANN,
        "deployment_id": ID,
        "github_deployment_id": 42,
        "state": "in_progress",
        "description": "Half of it.",
    }
    return RemoteStatusRequested(**told | changes)


def given(*facts: Fact, at: datetime = T0) -> Dispatch:
    """What is known after these facts."""
    messages = [said(fact, time=at) for fact in facts]
    return reduce(evolve, messages, Dispatch())  # type: ignore[arg-type]


@dataclass
class FakeGitHub:
    """The port `GitHub`, in memory."""

    clock: FakeClock
    #: What the next creations answer; `Unclear` ones create in secret if `secretly`.
    answers: list[Answer] = field(default_factory=list)
    secretly: bool = False
    away: bool = False
    gone: bool = False
    #: It wants to be asked nothing more before that.
    limited_until: datetime | None = None
    #: It answers 403 to all that is asked.
    forbids: bool = False
    name: str = REPOSITORY.full_name
    full_until: datetime | None = None
    deployments: dict[int, GitHubDeployment] = field(default_factory=dict)
    #: What the tooling has finished, and what we have set to `error`.
    finished: set[int] = field(default_factory=set)
    errors: dict[int, UUID] = field(default_factory=dict)
    statuses: dict[int, RemoteStatusRequested] = field(default_factory=dict)
    #: When GitHub made each.
    made_at: dict[int, datetime] = field(default_factory=dict)
    status_answers: list[StatusAnswer] = field(default_factory=list)
    hook: int | None = None
    hook_refusal: Refusal | None = None
    calls: list[str] = field(default_factory=list)
    reserved: int = 0

    def reserve(self) -> datetime | None:
        if self.full_until and self.full_until > self.clock():
            return self.full_until
        self.reserved += 1
        return None

    def release(self) -> None:
        self.reserved -= 1

    async def locate(self, repository: Repository, known_at: datetime) -> Repository:
        if self.clock() - known_at <= seconds(60):
            return repository
        self.asked("locate")
        if self.gone:
            raise RepositoryGoneError(REPOSITORY.full_name)
        return Repository(id=repository.id, full_name=self.name)

    async def create(
        self, order: RefVerified, repository: Repository, begin_by: datetime
    ) -> Answer:
        self.calls.append(f"create at {repository.full_name}")
        self.reserved -= 1
        if self.clock() > begin_by:
            return NotNow("unreachable", "too late to begin")
        answer = self.answers.pop(0) if self.answers else self.make()
        if isinstance(answer, Unclear) and self.secretly:
            self.make()
        return answer

    def make(self, **changes: Any) -> GitHubDeployment:
        made = at_github(42 + len(self.deployments), **changes)
        self.deployments[made.id] = made
        return made

    async def find(self, order: RefVerified) -> Sequence[GitHubDeployment]:
        self.asked("find")
        if self.gone:
            raise RepositoryGoneError(REPOSITORY.full_name)
        return [d for d in self.deployments.values() if d.carries_out(order)]

    async def read(
        self, repository: Repository, github_deployment_id: int
    ) -> GitHubDeployment | None:
        self.asked(f"read {github_deployment_id}")
        if self.gone:
            raise RepositoryGoneError(repository.full_name)
        return self.deployments.get(github_deployment_id)

    async def stop(
        self,
        repository: Repository,
        github_deployment_id: int,
        *,
        mark: UUID,
        reason: str,
        spare_finished: bool = False,
    ) -> Stopped:
        self.asked(f"stop {github_deployment_id}")
        if self.gone:
            raise RepositoryGoneError(repository.full_name)
        if spare_finished and github_deployment_id in self.finished:
            return Stopped("It had ended.", FINAL)
        self.errors[github_deployment_id] = mark
        return Stopped("It was set to error.")

    async def post_status(
        self, wish: RemoteStatusRequested, repository: Repository, begin_by: datetime
    ) -> StatusAnswer:
        self.calls.append(f"post {wish.state} at {repository.full_name}")
        self.reserved -= 1
        if self.status_answers:
            answer = self.status_answers.pop(0)
            if isinstance(answer, Unclear) and self.secretly:
                self.make_status(wish)
            return answer
        return self.make_status(wish)

    def make_status(self, wish: RemoteStatusRequested) -> PostedStatus:
        number = 100 + len(self.statuses)
        self.statuses[number] = wish
        self.made_at[number] = self.clock()
        return PostedStatus(number)

    async def find_status(
        self, wish: RemoteStatusRequested, since: datetime
    ) -> Sequence[int]:
        self.asked("find status")
        if self.gone:
            raise RepositoryGoneError(REPOSITORY.full_name)
        return [
            number
            for number, made in self.statuses.items()
            if made.model_copy(update={"command_id": wish.command_id}) == wish
            and self.made_at[number] >= since
        ]

    async def ensure_hook(self, repository: Repository) -> HookReady | Refusal:
        self.asked("ensure hook")
        if self.hook_refusal:
            return self.hook_refusal
        self.hook = self.hook or 5
        return HookReady(repository, self.hook)

    async def remove_hook(self, repository: Repository) -> None:
        self.asked("remove hook")
        self.hook = None

    def asked(self, call: str) -> None:
        self.calls.append(call)
        if self.away:
            raise NoAnswerError("GitHub is away", SOON)
        if self.limited_until and self.clock() < self.limited_until:
            after = self.limited_until - self.clock()
            raise NoAnswerError("The limit is used up", after, self.limited_until)
        if self.forbids:
            raise OutOfReachError("Resource not accessible", SOON)
