"""One deployment, and everything that may be said about it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Literal, cast
from uuid import UUID, uuid5

from api_gateway.domain.deployment import Deployment, evolve
from api_gateway.domain.facts import (
    DeploymentFact,
    ReviewAsked,
    ReviewState,
    ReviewSubmitted,
)
from shared.contracts import (
    Approval,
    AutoDeployMatched,
    CancelRequested,
    Check,
    ChecksPending,
    ConfirmationRefused,
    DeployConfirmed,
    DeploymentSynced,
    DeployQueued,
    DeployRequested,
    DispatchAttempted,
    Fact,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Holder,
    Message,
    Person,
    PinnedConfig,
    QueueMoved,
    Ref,
    RefRejected,
    RefVerified,
    Repository,
    ReviewRequested,
    SlotReleaseRequested,
    StatusUpdated,
)
from shared.testing import T0, said

ID = UUID(int=1)
REPO = Repository(id=7, full_name="octo/shop")
ANN = Person(id=42, login="ann")
MAIN = Ref(type="branch", name="main")
BOB = Person(id=43, login="bob")
CARL = Person(id=44, login="carl")
SHA = "a" * 40
#: What is pinned, and what reviewers are shown.
PAIR: Any = {"sha": SHA, "config_digest": "d"}
CHECK = Check(code="ref", state="passed", message="main is a branch.")
GITHUB_ID = 900
#: How the messages of the examples are placed in time, so that they differ.
TICK = timedelta(seconds=1)


DeploymentMessage = Message[DeploymentFact]


def after(**time: float) -> datetime:
    return T0 + timedelta(**time)


def requested(deployment_id: UUID = ID, number: int = 1) -> DeployRequested:
    return DeployRequested(
        deployment_id=deployment_id,
        number=number,
        repository=REPO,
        environment="production",
        ref=MAIN,
        requested_by=ANN,
        requested_at=T0,
        not_after=after(minutes=15),
    )


def requested_by_push() -> DeployRequested:
    return requested().model_copy(
        update={
            "source": "push",
            "expected_sha": SHA,
            "requested_by": BOB,
            "not_after": after(hours=24),
        }
    )


def pushed() -> AutoDeployMatched:
    return AutoDeployMatched(
        repository=REPO,
        environment="production",
        delivery_id="72d3162e-cc78-11e3-81ab-4c9367dc0958",
        ref=MAIN,
        sha=SHA,
        pusher=BOB,
    )


def pending(until: datetime = T0 + timedelta(minutes=30)) -> ChecksPending:
    return ChecksPending(
        deployment_id=ID,
        **PAIR,
        checks=(CHECK,),
        message="test has not finished.",
        contexts=("test",),
        until=until,
    )


def review_requested(
    required: int = 1,
    on_approval: Literal["wait", "deploy"] = "wait",
    reviewers: tuple[Person, ...] = (BOB, CARL, ANN),
    *,
    emergency: bool = False,
) -> ReviewRequested:
    return ReviewRequested(
        deployment_id=ID,
        **PAIR,
        checks=(CHECK,),
        message="It waits for reviews.",
        reviewers=reviewers,
        required=required,
        on_approval=on_approval,
        emergency=emergency,
        until=after(days=7),
    )


def reviewer_asked(who: Person) -> ReviewAsked:
    return ReviewAsked(reviewer=who)


def submitted(
    who: Person, state: ReviewState = "approved", comment: str = "", digest: str = "d"
) -> ReviewSubmitted:
    return ReviewSubmitted(
        review_id=uuid5(ID, f"{who}{state}{comment}"),
        reviewer=who,
        state=state,
        comment=comment,
        sha=SHA,
        config_digest=digest,
        at=T0,
    )


def confirmed(n: int = 1, at: datetime = T0) -> DeployConfirmed:
    return DeployConfirmed(
        deployment_id=ID,
        confirmation_id=UUID(int=100 + n),
        **PAIR,
        approvals=(Approval(reviewer=BOB, approved_at=T0),),
        confirmed_by=ANN,
        confirmed_at=at,
        not_after=at + timedelta(minutes=15),
    )


def confirmation_refused(n: int = 1) -> ConfirmationRefused:
    return ConfirmationRefused(
        deployment_id=ID,
        confirmation_id=UUID(int=100 + n),
        code="deployment_locked",
        message="carl has locked production.",
        checks=(CHECK,),
    )


def queued(
    position: int = 2, holder: Holder | None = None, take_over: bool = False
) -> DeployQueued:
    return DeployQueued(
        deployment_id=ID,
        **PAIR,
        checks=(CHECK,),
        message="It waits in line.",
        repository=REPO,
        environment="production",
        position=position,
        holder=holder,
        take_over=take_over,
    )


def moved(position: int, holder: Holder | None = None) -> QueueMoved:
    return QueueMoved(deployment_id=ID, position=position, holder=holder)


def verified(deployment_id: UUID = ID) -> RefVerified:
    return RefVerified(
        deployment_id=deployment_id,
        number=1,
        repository=REPO,
        environment="production",
        ref=MAIN,
        sha=SHA,
        config=PinnedConfig(
            commit=SHA,
            digest="d",
            environment="production",
            production_environment=True,
        ),
        requested_by=ANN,
        checks=(CHECK,),
        resolved_at=T0,
        not_after=after(minutes=15),
    )


def rejected(deployment_id: UUID = ID, holder: Holder | None = None) -> RefRejected:
    return RefRejected(
        deployment_id=deployment_id,
        code="deployment_serialization" if holder else "entity_unprocessable",
        message="The ref is behind main.",
        checks=(CHECK,),
        sha=SHA,
        holder=holder,
    )


def created(deployment_id: UUID = ID) -> GitHubDeploymentCreated:
    return GitHubDeploymentCreated(
        deployment_id=deployment_id,
        repository=REPO,
        environment="production",
        github_deployment_id=GITHUB_ID,
        sha=SHA,
        url="https://api.github.com/repos/octo/shop/deployments/900",
    )


def attempted(attempt: int, retry_at: datetime | None = None) -> DispatchAttempted:
    return DispatchAttempted(
        deployment_id=ID,
        attempt=attempt,
        outcome="rate_limited",
        message="GitHub's rate limit is used up.",
        retry_at=retry_at,
    )


def refused() -> GitHubDeploymentRefused:
    return GitHubDeploymentRefused(
        deployment_id=ID, code="stale", message="The verdict is too old."
    )


def cancel(deployment_id: UUID = ID) -> CancelRequested:
    return CancelRequested(
        deployment_id=deployment_id,
        repository=REPO,
        by="person",
        who=ANN,
        code="canceled",
        reason="ann canceled it.",
    )


def canceled(
    created: bool = False, deployment_id: UUID = ID
) -> GitHubDeploymentCanceled:
    return GitHubDeploymentCanceled(
        deployment_id=deployment_id,
        code="canceled",
        message="ann canceled it.",
        github_deployment_id=GITHUB_ID if created else None,
    )


def gone() -> GitHubDeploymentGone:
    return GitHubDeploymentGone(
        deployment_id=ID, repository=REPO, github_deployment_id=GITHUB_ID
    )


def status(
    n: int,
    state: str,
    minute: int = 0,
    ours: bool = False,
    log_url: str = "",
    deployment_id: UUID = ID,
) -> StatusUpdated:
    return StatusUpdated(
        deployment_id=deployment_id,
        repository=REPO,
        github_deployment_id=GITHUB_ID,
        github_status_id=n,
        state=state,
        log_url=log_url,
        created_at=after(minutes=minute),
        ours=ours,
    )


def released() -> SlotReleaseRequested:
    return SlotReleaseRequested(
        deployment_id=ID, repository=REPO, environment="production", cause="grace"
    )


def synced(sync_id: UUID, newest: int | None) -> DeploymentSynced:
    return DeploymentSynced(
        deployment_id=ID,
        sync_id=sync_id,
        github_deployment_id=GITHUB_ID,
        newest_github_status_id=newest,
    )


def messages(*facts: Fact) -> list[Message[DeploymentFact]]:
    """Said one second after the other, with ids that stay the same."""
    told = [said(fact, time=T0 + n * TICK, id=f"m{n}") for n, fact in enumerate(facts)]
    return cast("list[Message[DeploymentFact]]", told)


def fold(told: Iterable[Message[DeploymentFact]]) -> Deployment:
    return reduce(evolve, told, Deployment())


def given(*facts: Fact) -> Deployment:
    return fold(messages(*facts))
