"""The codes of errors, their HTTP statuses and what they mean: the one list."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Meaning:
    """When a code is answered."""

    status: int
    when: str


CODES = {
    "parameter_invalid": Meaning(400, "A parameter, header or member is wrong."),
    "unauthorized": Meaning(401, "The token is missing or wrong."),
    "permission_required": Meaning(403, "Whoever asks may not do this."),
    "entity_not_found": Meaning(404, "It is not there, or may not be seen."),
    "method_not_allowed": Meaning(405, "`Allow` says what can be done."),
    "body_too_large": Meaning(413, "The body has more than 1 MiB."),
    "rate_limited": Meaning(429, "Too many requests: `Retry-After` says when again."),
    # A fault of Gitploy's own has this code, too, and the status 500.
    "internal_error": Meaning(503, "GitHub, or another service, gives no answer."),
    "config_parse_error": Meaning(422, "The rules have mistakes."),
    "config_undefined_env": Meaning(422, "The rules define no such environment."),
    "deployment_conflict": Meaning(422, "It has changed at the same moment."),
    "deployment_invalid": Meaning(422, "The payload is not what the rules ask for."),
    "deployment_locked": Meaning(422, "Somebody has locked the environment."),
    "deployment_frozen": Meaning(422, "Nothing is deployed at this time."),
    "deployment_not_approved": Meaning(422, "Approvals are missing."),
    "deployment_serialization": Meaning(422, "Another deployment runs there."),
    "deployment_status_invalid": Meaning(422, "Where it stands, this can't be done."),
    "entity_unprocessable": Meaning(422, "It makes no sense as things are."),
    "lock_already_exist": Meaning(422, "Somebody has locked the environment."),
    "idempotency_key_reused": Meaning(422, "The key stands for another request."),
    "auto_deploy_held": Meaning(422, "Pushes are not deployed since a rollback."),
    "superseded": Meaning(422, "Something newer counts."),
    "stale": Meaning(422, "It was not begun in time."),
    "github_unavailable": Meaning(422, "GitHub has not answered in time."),
    "ref_not_found": Meaning(422, "GitHub does not find the ref."),
    "invalid": Meaning(422, "GitHub does not take it."),
    "payload": Meaning(422, "GitHub does not take the payload."),
    "forbidden": Meaning(422, "GitHub forbids it to Gitploy."),
    "bad_credentials": Meaning(422, "GitHub does not take Gitploy's token."),
    "app_not_installed": Meaning(422, "The GitHub App does not cover the repository."),
    "app_permissions": Meaning(422, "The GitHub App lacks a right there."),
    "app_suspended": Meaning(422, "The GitHub App's installation is suspended."),
    "app_webhook": Meaning(422, "The GitHub App's webhook goes elsewhere."),
    "conflict": Meaning(422, "GitHub reports a conflict."),
    "merged_instead": Meaning(422, "GitHub has merged instead of deploying."),
    "repository_gone": Meaning(422, "GitHub does not show the repository any more."),
    "repository_inactive": Meaning(422, "Gitploy does not follow the repository."),
    "canceled": Meaning(422, "Somebody has stopped it."),
    "review_rejected": Meaning(422, "A reviewer has rejected it."),
    "review_timeout": Meaning(422, "The time for its reviews is over."),
    "taken_over": Meaning(422, "A rollback has taken its place."),
    "verification_unavailable": Meaning(422, "The verifier has not answered in time."),
    "no_tooling_answered": Meaning(422, "No deployment tool has taken it up."),
    "tooling_silent": Meaning(422, "The deployment tool has said nothing."),
    "sha_mismatch": Meaning(422, "GitHub has taken another commit."),
}
REJECTED = (
    "config_parse_error",
    "config_undefined_env",
    "permission_required",
    "entity_unprocessable",
    "deployment_frozen",
    "deployment_locked",
    "deployment_serialization",
    "deployment_invalid",
    "deployment_not_approved",
    "auto_deploy_held",
    "superseded",
)
REFUSED = (
    "stale",
    "github_unavailable",
    "ref_not_found",
    "invalid",
    "payload",
    "forbidden",
    "repository_gone",
    "conflict",
    "merged_instead",
)
NOT_COVERED = (
    "app_not_installed",
    "app_permissions",
    "app_suspended",
    "app_webhook",
)
CANCELED = (
    "canceled",
    "review_rejected",
    "review_timeout",
    "taken_over",
    "repository_inactive",
    "verification_unavailable",
    "no_tooling_answered",
    "tooling_silent",
    "sha_mismatch",
)
#: What becomes of a deployment that is not made.
STOPPED = (*REJECTED, *REFUSED, *CANCELED)
