"""Facts commute: every stream of a long story is the same in every order."""

import asyncio
from collections.abc import Callable
from functools import cache, reduce
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import (
    AutoDeployResumeRequested,
    ForeignDeploymentSeen,
    Message,
)
from verifier.domain import commit, environment, push, verification
from verifier.domain.commit import Commit, CommitFact, commit_id
from verifier.domain.environment import Environment, EnvironmentFact
from verifier.domain.push import Push, PushFact, push_id
from verifier.domain.verification import Verification, VerificationFact

from .examples import ANN, REPOSITORY, canceled, refused, release, status, target
from .locking import change, lock, unlock
from .test_pushes import changed, pushed
from .world import BEN, EVE, REVIEW, STAGING, World, id_of, minutes, sha_of

Fold = tuple[Callable[..., Any], Any]
OTHER = UUID("88888888-8888-4888-8888-888888888888")


async def tell(world: World) -> None:
    """A day in which everything happens."""
    world.rules(f"serialization: true, queue: latest, checks_timeout: 1h, {REVIEW}")
    world.checks(1, test="queued")
    world.checks(3, test="queued")
    await world.deploy(1, wait_for_checks=True)
    world.checks(1, test="success")
    world.clock.advance(minutes(1))
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    await world.confirm(1, ANN, id_=1)
    await world.hear(lock())
    await world.hear(change(reason="Longer"))
    await world.hear(lock(BEN, OTHER, minute=3))
    await world.hear(lock(BEN, id_of(98), minute=4, take_over=True))
    await world.hear(unlock(BEN, id_of(98), minute=5))
    await world.confirm(1, BEN, id_=2)
    for number in (2, 4):
        await world.deploy(number)
        await world.confirm(number, EVE, id_=number)
    await world.push(3)
    world.clock.advance(minutes(1))
    world.checks(5, test="success")
    await world.push(5)
    await world.hear(
        ForeignDeploymentSeen(
            deployment_id=id_of(90),
            repository=REPOSITORY,
            github_deployment_id=4090,
            environment="staging",
            ref="main",
            sha=sha_of(8),
            creator=None,
            created_at=world.clock(),
        )
    )
    await world.finish(90)
    await world.hear(canceled(id_of(1), created=4001))
    await world.hear(status(id_of(1), "failure"))
    await world.finish(1)
    to = target(sha=sha_of(7), approved=True)
    await world.deploy(6, source="rollback", rollback_of=to, expected_sha=to.sha)
    await world.hear(refused(id_of(4)))
    await world.hear(release(id_of(4)))
    await world.hear(
        AutoDeployResumeRequested(
            command_id=id_of(50),
            repository=REPOSITORY,
            requested_by=BEN,
            environment="staging",
            requested_at=world.clock(),
            rollback_id=id_of(6),
        )
    )
    await world.hear(changed())
    world.broken("envs: [{name: staging, auto_deploy_on: .*}]")
    await world.hear(pushed())


@cache
def story() -> dict[UUID, list[Message[Any]]]:
    """Each stream of it."""

    async def told() -> dict[UUID, list[Message[Any]]]:
        world = World()
        await tell(world)
        rows = await world.store.log(0)
        world.store.close()
        streams: dict[UUID, list[Message[Any]]] = {}
        for row in rows:
            streams.setdefault(row.stream, []).append(row.message)
        return streams

    return asyncio.run(told())


def fold_of(stream: UUID) -> Fold:
    if stream == STAGING:
        return environment.evolve, Environment()
    if stream == push_id(pushed()):
        return push.evolve, Push()
    if stream in {commit_id(REPOSITORY, sha_of(n)) for n in range(10)}:
        return commit.evolve, Commit()
    return verification.evolve, Verification()


def kinds_of(*unions: Any) -> set[str]:
    return {kind.__name__ for union in unions for kind in union.__args__}


def test_everything_happens_in_it() -> None:
    happened = {type(m.data).__name__ for stream in story().values() for m in stream}
    known = kinds_of(VerificationFact, EnvironmentFact, PushFact, CommitFact)
    assert known - happened == {"GitHubDeploymentGone"}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_facts_commute(data: st.DataObject) -> None:
    streams = {s: kept for s, kept in story().items() if len(kept) > 1}
    stream = data.draw(st.sampled_from(sorted(streams)))
    messages = streams[stream]
    evolve, initial = fold_of(stream)
    copies = data.draw(st.lists(st.sampled_from(messages), max_size=4))
    shuffled = data.draw(st.permutations([*messages, *copies]))
    assert reduce(evolve, shuffled, initial) == reduce(evolve, messages, initial)
