"""From an outcome of the shared client to what the dispatcher makes of it.

A refusal says what GitHub said and what to do about it: people read it as it is.
"""

from typing import Final, assert_never

from github_dispatcher.domain.answers import (
    RATE_LIMITED,
    REDIRECTED,
    Answer,
    GitHubDeployment,
    NotNow,
    PostedStatus,
    Refusal,
    StatusAnswer,
    Unclear,
)
from github_dispatcher.domain.wording import REPOSITORY_GONE
from shared.github import (
    Ambiguous,
    AutoMerged,
    BadCredentials,
    ChecksFailed,
    Created,
    CreateOutcome,
    Deployment,
    Forbidden,
    Invalid,
    MergeConflict,
    NotFound,
    RateLimited,
    Redirected,
    RefNotFound,
    StatusCreated,
    StatusOutcome,
    Unreachable,
    find_marker,
)

DEPLOYMENT_GONE: Final = Refusal(
    "deployment_gone", "The deployment has been deleted at GitHub."
)
NOT_ACCEPTED: Final = "GitHub does not accept Gitploy's token: give it a valid one."


def read(deployment: Deployment) -> GitHubDeployment:
    return GitHubDeployment(
        id=deployment.id,
        sha=deployment.sha,
        url=deployment.url,
        environment=deployment.environment,
        task=deployment.task,
        marker=find_marker(deployment.payload, deployment.description),
    )


def answer(outcome: CreateOutcome) -> Answer:
    """What GitHub's answer to the POST means for the attempt."""
    match outcome:
        case Created(deployment):
            return read(deployment)
        case (
            Ambiguous() | RateLimited() | Unreachable() | BadCredentials()
            | Redirected()
        ):  # fmt: skip
            return _not_now(outcome)
    return _refusal(outcome)


def status_answer(outcome: StatusOutcome) -> StatusAnswer:
    """What GitHub's answer to the POST of a status means for the attempt."""
    match outcome:
        case StatusCreated(status):
            return PostedStatus(status.id)
        case Invalid():
            told = f"GitHub does not accept the status ({reasons(outcome)}): change it."
            return Refusal("invalid", told)
        case Forbidden(message):
            return Refusal(
                "forbidden",
                f"Gitploy's token may not post deployment statuses: {message}. "
                "Give it that right.",
            )
        case NotFound():
            return DEPLOYMENT_GONE
    return _not_now(outcome)


def _not_now(
    outcome: Ambiguous | RateLimited | Unreachable | BadCredentials | Redirected,
) -> NotNow | Unclear:
    match outcome:
        case Ambiguous(reason):
            return Unclear(reason)
        case RateLimited(retry_at):
            told = f"GitHub wants no more writes before {retry_at:%H:%M:%S} UTC."
            return NotNow(RATE_LIMITED, told, retry_at)
        case Unreachable(reason):
            return NotNow("unreachable", f"GitHub could not be reached: {reason}.")
        case BadCredentials():
            return NotNow("bad_credentials", NOT_ACCEPTED)
        case Redirected():
            return NotNow(REDIRECTED, "The repository has another name now.")
    assert_never(outcome)


def _refusal(
    outcome: AutoMerged | MergeConflict | ChecksFailed | RefNotFound | Invalid
    | Forbidden | NotFound,
) -> Refusal:  # fmt: skip
    match outcome:
        case RefNotFound(message):
            return Refusal(
                "ref_not_found",
                f"GitHub no longer has what was verified ({message}): push it again.",
            )
        case Invalid():
            return Refusal(
                "invalid",
                f"GitHub does not accept the deployment ({reasons(outcome)}): "
                "correct deploy.yml.",
            )
        case Forbidden(message, needed):
            needs = f" (it needs {needed})" if needed else ""
            return Refusal(
                "forbidden",
                f"Gitploy's token may not create deployments{needs}: {message}. "
                "Give it that right.",
            )
        case NotFound():
            return REPOSITORY_GONE
        case MergeConflict(message) | ChecksFailed(message=message):
            return Refusal(
                "conflict", f"GitHub answered with a conflict ({message}): try again."
            )
        case AutoMerged(message):
            return Refusal(
                "merged_instead",
                f"GitHub merged instead of deploying ({message}): deploy again.",
            )
    assert_never(outcome)


def reasons(outcome: Invalid) -> str:
    """All that GitHub has said about what is wrong."""
    told = [str(error["message"]) for error in outcome.errors if error.get("message")]
    return "; ".join([outcome.message, *told])
