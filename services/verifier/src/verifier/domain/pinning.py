"""What is pinned of the rules, and what is known of them where only that is left."""

from datetime import timedelta

from pydantic import JsonValue

from shared.contracts import PinnedConfig, PinnedReview
from shared.deploy_yml import Env, Review, filled

from .wanted import Wanted


def pinned(commit: str, env: Env, wanted: Wanted) -> PinnedConfig:
    """What rules the rest of a deployment's life, and goes out to GitHub."""
    return PinnedConfig(
        commit=commit,
        digest=env.digest,
        environment=env.name,
        task=env.task,
        description=env.description,
        payload=_payload(env, wanted),
        production_environment=env.production_environment,
        serialization=env.serialization,
        ref_at_github=env.ref_at_github,
        timeout_s=int(env.timeout.total_seconds()),
        deployers=tuple(env.deployers),
        overriders=tuple(env.overriders),
        review=_pinned_review(env.review),
    )


def rules_of(config: PinnedConfig) -> Env:
    """The rules that are known by what was pinned of them."""
    return Env(
        name=config.environment,
        task=config.task,
        description=config.description,
        payload=config.payload,
        production_environment=config.production_environment,
        serialization=config.serialization,
        ref_at_github=config.ref_at_github,
        timeout=timedelta(seconds=config.timeout_s),
        deployers=list(config.deployers),
        overriders=list(config.overriders),
        review=_review_of(config.review),
    )


def _pinned_review(review: Review) -> PinnedReview | None:
    if not review.enabled:
        return None
    return PinnedReview(
        reviewers=tuple(review.reviewers),
        required=review.required,
        on_approval=review.on_approval,
        timeout_s=int(review.timeout.total_seconds()),
        on_rollback=review.on_rollback,
        emergency=review.emergency,
    )


def _review_of(pinned: PinnedReview | None) -> Review:
    """None was pinned where none was needed, and before it was pinned at all."""
    if pinned is None:
        return Review()
    return Review(
        enabled=True,
        reviewers=list(pinned.reviewers),
        required=pinned.required,
        on_approval=pinned.on_approval,
        timeout=timedelta(seconds=pinned.timeout_s),
        on_rollback=pinned.on_rollback,
        emergency=pinned.emergency,
    )


def _payload(env: Env, wanted: Wanted) -> JsonValue:
    """What the tooling gets: of the target, else as it was asked for, else as written.

    What is given for a dynamic payload replaces `payload`, and is not merged with it.
    """
    if wanted.rollback_of:
        return wanted.rollback_of.config.payload
    if env.dynamic_payload and env.dynamic_payload.enabled:
        return filled(env.dynamic_payload, wanted.dynamic_payload or {}) or env.payload
    return env.payload
