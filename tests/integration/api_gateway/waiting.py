"""What the verifier says while it waits for people, checks and other deployments."""

from datetime import timedelta
from typing import Any, Literal

from shared.contracts import (
    AutoDeployMatched,
    Check,
    ChecksPending,
    ConfirmationRefused,
    DeployConfirmed,
    DeployQueued,
    DeployRequested,
    Holder,
    Person,
    Ref,
    Repository,
    ReviewRequested,
)
from shared.testing import T0

ANN = Person(id=42, login="ann")
BOB = Person(id=43, login="bob")
CARL = Person(id=44, login="carl")
#: The tokens of the people, who are not administrators.
TOKENS = [
    {"token": f"token-of-{who.login}", "id": who.id, "login": who.login}
    for who in (ANN, BOB, CARL)
]
SHA = "a" * 40
LOCKED = Check(code="locked", state="failed", message="carl has locked production.")
PAIR: Any = {"sha": SHA, "config_digest": "d", "checks": (), "message": "It waits."}


def as_(who: Person, **headers: str) -> dict[str, str]:
    """The headers of a request of theirs."""
    return {"Authorization": f"Bearer token-of-{who.login}", **headers}


def review_of(
    request: DeployRequested,
    required: int = 1,
    on_approval: Literal["wait", "deploy"] = "wait",
) -> ReviewRequested:
    return ReviewRequested(
        deployment_id=request.deployment_id,
        **PAIR,
        reviewers=(ANN, BOB, CARL),
        required=required,
        on_approval=on_approval,
        until=request.requested_at + timedelta(days=7),
    )


def pending(request: DeployRequested) -> ChecksPending:
    return ChecksPending(
        deployment_id=request.deployment_id,
        **PAIR,
        contexts=("test", "lint"),
        until=request.requested_at + timedelta(minutes=30),
    )


def queued(
    request: DeployRequested, holder: str, position: int = 1, take_over: bool = False
) -> DeployQueued:
    return DeployQueued(
        deployment_id=request.deployment_id,
        **PAIR,
        repository=request.repository,
        environment=request.environment,
        position=position,
        holder=Holder(deployment_id=holder, number=1, since=T0),
        take_over=take_over,
    )


def refusal_of(confirmation: DeployConfirmed) -> ConfirmationRefused:
    return ConfirmationRefused(
        deployment_id=confirmation.deployment_id,
        confirmation_id=confirmation.confirmation_id,
        code="deployment_locked",
        message=LOCKED.message,
        checks=(LOCKED,),
    )


def pushed(repository: Repository, delivery: str = "d-1") -> AutoDeployMatched:
    return AutoDeployMatched(
        repository=repository,
        environment="production",
        delivery_id=delivery,
        ref=Ref(type="branch", name="main"),
        sha=SHA,
        pusher=BOB,
    )
