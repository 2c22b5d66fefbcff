"""A push, and the environments to which `deploy.yml` wants it deployed.

It is matched once, by the rules that hold then. If these can't be read nobody knows
whether it should have been deployed: people are told so, in the repository.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID, uuid5

from shared.contracts import (
    AutoDeployFailed,
    AutoDeployMatched,
    AutoDeployRecovered,
    Fact,
    Message,
    Ref,
    RefPushed,
    Repository,
)
from shared.deploy_yml import Env, matches

from .following import Following, FollowingFact
from .refs import FOLDERS

_NAMESPACE: Final = UUID("8b1d4ad0-7a41-5c0f-9f0a-6f0d2c3e5b77")


class PushMatched(Fact):
    """It is known where this push is deployed: nowhere, if there is a reason."""

    environments: tuple[str, ...] = ()
    reason: str | None = None


PushFact = RefPushed | AutoDeployMatched | PushMatched
#: What is said in the push's stream, and in the repository's.
Told = tuple[Sequence[PushFact], Sequence[FollowingFact]]
NOTHING: Final[Told] = [], []


@dataclass(frozen=True)
class Push:
    """One push of a branch or a tag."""

    pushed: RefPushed | None = None
    matched: PushMatched | None = None


def push_id(pushed: RefPushed) -> UUID:
    """Its stream."""
    return uuid5(_NAMESPACE, pushed.delivery_id)


def evolve(known: Push, message: Message[PushFact]) -> Push:
    """File a fact. The order in which facts are filed makes no difference."""
    match message.data:
        case RefPushed() as pushed:
            return replace(known, pushed=pushed)
        case PushMatched() as matched:
            return replace(known, matched=matched)
        case AutoDeployMatched():
            return known


def passed_over(pushed: RefPushed, following: Following) -> str | None:
    """Why a push is deployed nowhere, whatever the rules say."""
    if pushed.after is None:
        return "The ref was deleted: there is nothing to deploy."
    if not pushed.ref.startswith(tuple(FOLDERS.values())):
        return f"{pushed.ref} is neither a branch nor a tag."
    if not following.active:
        return "Gitploy does not follow this repository: activate it."
    return None


def leave(known: Push, reason: str) -> Sequence[PushFact]:
    """It is deployed nowhere."""
    return [] if known.matched else [PushMatched(reason=reason)]


def fail(known: Push, _: Following, why: str) -> Told:
    """There are no valid rules to match it with."""
    pushed = known.pushed
    if known.matched or pushed is None or pushed.after is None:
        return NOTHING
    ref = called(pushed.ref)
    failed = AutoDeployFailed(
        repository=pushed.repository,
        delivery_id=pushed.delivery_id,
        ref=ref,
        sha=pushed.after,
        pusher=pushed.pusher,
        pushed_at=pushed.pushed_at,
        message=f"The push of {ref.name} ({pushed.after[:7]}) was deployed nowhere: "
        f"{why} Mend that, then push again or deploy by hand.",
    )
    return [PushMatched(reason=failed.message)], [failed]


def match(
    known: Push, following: Following, repository: Repository, envs: Iterable[Env]
) -> Told:
    """It is deployed to every environment that wants pushes of this ref."""
    pushed = known.pushed
    if known.matched or pushed is None or pushed.after is None:
        return NOTHING
    wanting = [env for env in envs if _wants(env, pushed.ref)]
    said = [
        AutoDeployMatched(
            repository=repository,
            environment=env.name,
            delivery_id=pushed.delivery_id,
            ref=called(pushed.ref),
            sha=pushed.after,
            pusher=pushed.pusher,
            pushed_at=pushed.pushed_at,
        )
        for env in wanting
    ]
    matched = PushMatched(environments=tuple(env.name for env in wanting))
    if not following.in_trouble:
        return [*said, matched], []
    id_ = pushed.delivery_id
    recovered = AutoDeployRecovered(repository=repository, delivery_id=id_)
    return [*said, matched], [recovered]


def _wants(env: Env, ref: str) -> bool:
    return env.auto_deploy_on is not None and matches(env.auto_deploy_on, ref)


def called(full: str) -> Ref:
    """`refs/heads/main` in the words that people use."""
    if full.startswith(FOLDERS["tag"]):
        return Ref(type="tag", name=full.removeprefix(FOLDERS["tag"]))
    return Ref(type="branch", name=full.removeprefix(FOLDERS["branch"]))
