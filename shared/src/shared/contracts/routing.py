"""Who says what, and who takes it: the table of the bus.

The relay declares a queue for each taker before it publishes anything, so that an event
which is said before its taker has ever started waits for it. A test compares this table
with what the services' handlers take.

What is not recorded has tables of its own: a question or a hint goes to the queue
`<service>.questions` and lives there for a moment; an answer goes to who asked.
"""

from dataclasses import dataclass
from typing import Any, Final

from . import dispatcher, gateway, status_sync, unrecorded, verifier
from .base import Answer, Event, Hint, Question

GATEWAY: Final = "api-gateway"
VERIFIER: Final = "verifier"
DISPATCHER: Final = "github-dispatcher"
STATUS_SYNC: Final = "status-sync"
SERVICES: Final = (GATEWAY, VERIFIER, DISPATCHER, STATUS_SYNC)
#: GitHub wants one writer per token: of this service's replicas one takes messages.
SINGLE_ACTIVE: Final = frozenset({DISPATCHER})


@dataclass(frozen=True)
class Route:
    """One event's way over the bus."""

    source: str
    takers: tuple[str, ...]


ROUTES: Final[dict[type[Event], Route]] = {
    gateway.DeployRequested: Route(GATEWAY, (VERIFIER,)),
    gateway.CancelRequested: Route(GATEWAY, (DISPATCHER,)),
    gateway.SlotReleaseRequested: Route(GATEWAY, (VERIFIER,)),
    gateway.SyncRequested: Route(GATEWAY, (STATUS_SYNC,)),
    gateway.RepositoryActivationRequested: Route(GATEWAY, (DISPATCHER,)),
    gateway.RepositoryDeactivationRequested: Route(GATEWAY, (DISPATCHER,)),
    gateway.DeployConfirmed: Route(GATEWAY, (VERIFIER,)),
    gateway.RepositoryChanged: Route(GATEWAY, (VERIFIER,)),
    gateway.RemoteStatusRequested: Route(GATEWAY, (DISPATCHER,)),
    gateway.LockRequested: Route(GATEWAY, (VERIFIER,)),
    gateway.LockChangeRequested: Route(GATEWAY, (VERIFIER,)),
    gateway.UnlockRequested: Route(GATEWAY, (VERIFIER,)),
    gateway.AutoDeployResumeRequested: Route(GATEWAY, (VERIFIER,)),
    verifier.RefVerified: Route(VERIFIER, (DISPATCHER, GATEWAY)),
    verifier.RefRejected: Route(VERIFIER, (GATEWAY,)),
    verifier.ReviewRequested: Route(VERIFIER, (GATEWAY,)),
    verifier.ChecksPending: Route(VERIFIER, (GATEWAY,)),
    verifier.DeployQueued: Route(VERIFIER, (GATEWAY,)),
    verifier.QueueMoved: Route(VERIFIER, (GATEWAY,)),
    verifier.ConfirmationRefused: Route(VERIFIER, (GATEWAY,)),
    verifier.EnvironmentLocked: Route(VERIFIER, (GATEWAY,)),
    verifier.EnvironmentUnlocked: Route(VERIFIER, (GATEWAY,)),
    verifier.LockRefused: Route(VERIFIER, (GATEWAY,)),
    verifier.AutoDeployHeld: Route(VERIFIER, (GATEWAY,)),
    verifier.AutoDeployResumed: Route(VERIFIER, (GATEWAY,)),
    verifier.AutoDeployMatched: Route(VERIFIER, (GATEWAY,)),
    verifier.AutoDeployFailed: Route(VERIFIER, (GATEWAY,)),
    verifier.AutoDeployRecovered: Route(VERIFIER, (GATEWAY,)),
    dispatcher.GitHubDeploymentCreated: Route(DISPATCHER, (GATEWAY, STATUS_SYNC)),
    dispatcher.DispatchAttempted: Route(DISPATCHER, (GATEWAY,)),
    dispatcher.GitHubDeploymentRefused: Route(DISPATCHER, (GATEWAY, VERIFIER)),
    dispatcher.GitHubDeploymentCanceled: Route(DISPATCHER, (GATEWAY, VERIFIER)),
    dispatcher.RepositoryActivated: Route(DISPATCHER, (GATEWAY, STATUS_SYNC)),
    dispatcher.RepositoryActivationRefused: Route(DISPATCHER, (GATEWAY,)),
    dispatcher.RepositoryDeactivated: Route(DISPATCHER, (GATEWAY, STATUS_SYNC)),
    dispatcher.RemoteStatusPosted: Route(DISPATCHER, (GATEWAY,)),
    dispatcher.RemoteStatusRefused: Route(DISPATCHER, (GATEWAY,)),
    status_sync.StatusUpdated: Route(STATUS_SYNC, (GATEWAY, VERIFIER)),
    status_sync.GitHubDeploymentSeen: Route(STATUS_SYNC, (DISPATCHER,)),
    status_sync.GitHubDeploymentGone: Route(STATUS_SYNC, (GATEWAY, VERIFIER)),
    status_sync.DeploymentSynced: Route(STATUS_SYNC, (GATEWAY,)),
    status_sync.ForeignDeploymentSeen: Route(STATUS_SYNC, (GATEWAY, VERIFIER)),
    status_sync.RefPushed: Route(STATUS_SYNC, (VERIFIER,)),
    status_sync.RepositoryRenamed: Route(STATUS_SYNC, (GATEWAY, VERIFIER)),
    status_sync.RepositoryGone: Route(STATUS_SYNC, (GATEWAY, VERIFIER)),
    status_sync.AuthorizationRevoked: Route(STATUS_SYNC, (GATEWAY,)),
}


def taken_by(service: str) -> frozenset[type[Event]]:
    """The events that a service's queue is bound to."""
    return frozenset(e for e, route in ROUTES.items() if service in route.takers)


@dataclass(frozen=True)
class Dialogue:
    """One question's way over the bus, and what it is answered with."""

    asker: str
    answerer: str
    answer: type[Answer]


QUESTIONS: Final[dict[type[Question[Any]], Dialogue]] = {
    unrecorded.PreflightAsked: Dialogue(
        GATEWAY, VERIFIER, unrecorded.PreflightAnswered
    ),
}
HINTS: Final[dict[type[Hint], Route]] = {
    unrecorded.CommitChecksChanged: Route(STATUS_SYNC, (VERIFIER,)),
    unrecorded.RepositoryNameTaken: Route(GATEWAY, (STATUS_SYNC,)),
}


def heard_by(service: str) -> frozenset[type[Question[Any]] | type[Hint]]:
    """The questions that a service answers, and the hints that it is given."""
    questions = {q for q, way in QUESTIONS.items() if way.answerer == service}
    return frozenset(
        questions | {h for h, way in HINTS.items() if service in way.takers}
    )
