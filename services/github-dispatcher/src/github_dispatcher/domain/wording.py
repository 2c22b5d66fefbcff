"""How the dispatcher says what was decided: its events, from what is known."""

from datetime import datetime
from typing import Final
from uuid import UUID

from shared.contracts import (
    DispatchAttempted,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
    RefVerified,
    Repository,
)

from .answers import GitHubDeployment, Refusal, Stopped
from .dispatch import Dispatch

NOTHING_CREATED: Final = "Nothing had been created at GitHub."
OUT_OF_REACH: Final = Stopped(
    "GitHub does not let Gitploy into the repository any more: nobody was told to stop."
)
REPOSITORY_GONE: Final = Refusal(
    "repository_gone",
    "GitHub has no such repository any more, or does not show it to Gitploy: check "
    "that it exists, and that the token or the GitHub App's installation may see it.",
)


def deployment_of(known: Dispatch) -> UUID:
    """The deployment's id, from whatever has told of it."""
    if known.order:
        return known.order.deployment_id
    if known.cancel:
        return known.cancel.data.deployment_id
    raise ValueError("nothing is known of this deployment")


def created(
    deployment: GitHubDeployment, order: RefVerified, repository: Repository
) -> GitHubDeploymentCreated:
    return GitHubDeploymentCreated(
        deployment_id=order.deployment_id,
        repository=repository,
        environment=order.environment,
        github_deployment_id=deployment.id,
        sha=deployment.sha,
        url=deployment.url,
    )


def refused(known: Dispatch, refusal: Refusal) -> GitHubDeploymentRefused:
    return GitHubDeploymentRefused(
        deployment_id=deployment_of(known),
        code=refusal.code,
        message=refusal.message,
    )


def canceled(
    known: Dispatch, happened: str = NOTHING_CREATED
) -> GitHubDeploymentCanceled:
    """Why it was canceled before anything was created."""
    code, reason = _why(known)
    return GitHubDeploymentCanceled(
        deployment_id=deployment_of(known), code=code, message=f"{reason} {happened}"
    )


def ended(known: Dispatch, end: Stopped) -> GitHubDeploymentCanceled:
    """Why it was canceled, and what that came to at GitHub."""
    number = known.created.github_deployment_id if known.created else None
    return canceled(known, end.happened).model_copy(
        update={
            "github_deployment_id": number,
            "final_github_status_id": end.final_status_id,
        }
    )


def _why(known: Dispatch) -> tuple[str, str]:
    if known.cancel:
        return known.cancel.data.code, known.cancel.data.reason
    if known.created and known.order:
        verified, taken = known.order.sha, known.created.sha
        reason = f"Commit {verified} was verified, but GitHub took {taken}."
        return "sha_mismatch", reason
    raise ValueError("nobody has canceled this deployment")


def too_late(known: Dispatch) -> Refusal:
    """The verdict has ended. Only an unanswered attempt is GitHub's fault."""
    ended = known.ended.get(known.last)
    if known.last and not ended:
        code, said = "github_unavailable", "GitHub did not answer in time."
    else:
        why = f" {ended.message}" if ended else ""
        code, said = (
            "stale",
            f"It was not begun before {known.not_after:%H:%M} UTC.{why}",
        )
    return Refusal(
        code, f"{said} {NOTHING_CREATED} Deploy again to have it verified afresh."
    )


def attempted(
    known: Dispatch,
    attempt: int,
    outcome: str,
    message: str,
    retry_at: datetime | None = None,
) -> DispatchAttempted:
    return DispatchAttempted(
        deployment_id=deployment_of(known),
        attempt=attempt,
        outcome=outcome,
        message=message,
        retry_at=retry_at,
    )
