"""What is due at which time, as the tests of the deadlines ask it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from api_gateway.domain.deadlines import Limits, due, passed
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import AskedAgain, DeploymentFact, SilenceNoticed
from api_gateway.domain.phase import Phase
from shared.contracts import (
    Fact,
    GitHubDeploymentCanceled,
    Message,
    SyncRequested,
)
from shared.testing import T0, said

from .examples import (
    GITHUB_ID,
    ID,
    REPO,
    canceled,
    created,
    fold,
    requested,
    verified,
)

LIMITS = Limits()
SYNC = UUID(int=9)


def found_final(status_id: int) -> GitHubDeploymentCanceled:
    """A cancel that came after the tool's own end."""
    return canceled(created=True).model_copy(
        update={"final_github_status_id": status_id}
    )


SECOND = timedelta(seconds=1)


def at(*told: tuple[Fact, datetime]) -> Deployment:
    """Said at these times."""
    messages = [
        said(fact, time=time, id=f"m{n}") for n, (fact, time) in enumerate(told)
    ]
    return fold(cast("list[Message[DeploymentFact]]", messages))


def when(known: Deployment) -> datetime | None:
    reached = due(known, LIMITS)
    return reached.at if reached else None


def at_the_deadline(known: Deployment) -> Sequence[DeploymentFact]:
    """What is recorded then, and nothing a moment before."""
    time = when(known)
    assert time is not None
    assert not passed(known, time - SECOND, LIMITS, SYNC)
    return passed(known, time, LIMITS, SYNC)


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


REQUESTED = (requested(), T0)
VERIFIED = (verified(), T0)
CREATED = (created(), T0)


def asked(phase: Phase, nth: int, time: datetime) -> tuple[Fact, datetime]:
    return AskedAgain(phase=phase, nth=nth, at=time), time


def silent(newest: int, time: datetime) -> list[tuple[Fact, datetime]]:
    sync = SyncRequested(
        sync_id=SYNC, deployment_id=ID, repository=REPO, github_deployment_id=GITHUB_ID
    )
    noticed = SilenceNoticed(sync_id=SYNC, at=time, newest_github_status_id=newest)
    return [(sync, time), (noticed, time)]
