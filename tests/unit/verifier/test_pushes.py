"""Which pushes are deployed where, by which rules, and why others are not."""

import asyncio
from datetime import timedelta
from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from shared.contracts import (
    AutoDeployFailed,
    AutoDeployMatched,
    AutoDeployRecovered,
    Message,
    Ref,
    RefPushed,
    Repository,
    RepositoryChanged,
    RepositoryGone,
    RepositoryRenamed,
)
from shared.deploy_yml import Env
from shared.testing import T0, said
from verifier.application import Verifier
from verifier.domain import following
from verifier.domain.following import Following, FollowingFact, following_id
from verifier.domain.push import (
    NOTHING,
    Push,
    PushMatched,
    fail,
    leave,
    match,
    push_id,
)

from .examples import ANN, REPOSITORY
from .world import HOLDS, World, minutes, sha_of

EVERYWHERE = """\
envs:
  - {name: staging, auto_deploy_on: "refs/heads/(main|release/.*)"}
  - {name: production, auto_deploy_on: "refs/tags/v[0-9.]+"}
  - {name: canary, auto_deploy_on: "refs/heads/.*"}
  - {name: manual}
"""


@pytest.fixture
async def world() -> Any:
    made = World()
    made.broken(EVERYWHERE)
    await made.hear(changed())
    yield made
    made.store.close()


def changed(**changes: Any) -> RepositoryChanged:
    return RepositoryChanged(**{"repository": REPOSITORY, "active": True} | changes)


def pushed(ref: str = "refs/heads/main", **changes: Any) -> RefPushed:
    given: dict[str, Any] = {
        "delivery_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "repository": REPOSITORY,
        "ref": ref,
        "before": sha_of(1),
        "after": sha_of(2),
        "pusher": ANN,
        "pushed_at": T0,
    }
    return RefPushed(**given | changes)


async def told(world: World, push: RefPushed) -> list[AutoDeployMatched]:
    facts = await world.facts(push_id(push))
    return [f for f in facts if isinstance(f, AutoDeployMatched)]


async def matched(world: World, push: RefPushed) -> PushMatched:
    (fact,) = [
        f for f in await world.facts(push_id(push)) if isinstance(f, PushMatched)
    ]
    return fact


async def test_a_push_is_matched_with_every_environment_that_wants_it(
    world: World,
) -> None:
    push = pushed()
    assert await world.hear(push) is None
    said_ = await told(world, push)
    assert [m.environment for m in said_] == ["staging", "canary"]
    assert {(m.sha, m.pusher.login, m.pushed_at) for m in said_} == {
        (sha_of(2), "ann", T0)
    }
    assert said_[0].ref == Ref(type="branch", name="main")
    assert said_[0].delivery_id == push.delivery_id
    assert (await matched(world, push)).environments == ("staging", "canary")


@pytest.mark.parametrize(
    ("ref", "environments", "called"),
    [
        ("refs/heads/release/1", ["staging", "canary"], ("branch", "release/1")),
        ("refs/tags/v1.2", ["production"], ("tag", "v1.2")),
        ("refs/heads/not-main-2", ["canary"], ("branch", "not-main-2")),
        ("refs/tags/nightly", [], None),
    ],
)
async def test_patterns_are_of_the_whole_ref(
    world: World, ref: str, environments: list[str], called: tuple[str, str] | None
) -> None:
    push = pushed(ref)
    await world.hear(push)
    said_ = await told(world, push)
    assert [m.environment for m in said_] == environments
    assert {(m.ref.type, m.ref.name) for m in said_} == ({called} if called else set())


async def test_it_is_matched_once(world: World) -> None:
    message = said(pushed())
    await world.deliver(message)
    world.broken("envs: [{name: other, auto_deploy_on: .*}]")
    await world.deliver(message)
    await world.hear(pushed())
    assert len(await told(world, message.data)) == 2
    assert world.github.looks == 1


async def test_two_replicas_that_match_it_at_once_match_it_once(world: World) -> None:
    message = said(pushed())
    other = Verifier(world.store, world.github, HOLDS)
    await asyncio.gather(world.verifier.take_push(message), other.take_push(message))
    assert world.github.looks == 2
    assert len(await told(world, message.data)) == 2
    await matched(world, message.data)


async def test_who_asks_is_told_again(world: World) -> None:
    message = said(pushed())
    await world.deliver(message)
    await world.deliver(said(pushed(), id=message.id, asked=True))
    assert len(world.store.repeats()) == 2


@pytest.mark.parametrize(
    ("push", "why"),
    [
        (pushed(after=None), "The ref was deleted: there is nothing to deploy."),
        (
            pushed("refs/pull/1/head"),
            "refs/pull/1/head is neither a branch nor a tag.",
        ),
    ],
)
async def test_some_pushes_are_never_deployed(
    world: World, push: RefPushed, why: str
) -> None:
    await world.hear(push)
    assert await told(world, push) == []
    assert (await matched(world, push)).reason == why
    assert world.github.looks == 0


async def test_what_is_not_followed_is_not_deployed(world: World) -> None:
    await world.deliver(said(changed(active=False), revision=2))
    await world.hear(pushed())
    told_ = await matched(world, pushed())
    assert told_.reason == "Gitploy does not follow this repository: activate it."


def test_a_push_is_settled_once() -> None:
    settled = Push(pushed(), PushMatched())
    envs = [Env(name="staging", auto_deploy_on=".*")]
    assert leave(settled, "It was deleted.") == []
    assert match(settled, Following(), REPOSITORY, envs) == NOTHING
    assert fail(settled, Following(), "It was deleted.") == NOTHING
    assert len(match(Push(pushed()), Following(), REPOSITORY, envs)[0]) == 2


def test_what_was_deleted_matches_nothing() -> None:
    envs = [Env(name="staging", auto_deploy_on=".*")]
    for push in (Push(pushed(after=None)), Push()):
        assert match(push, Following(), REPOSITORY, envs) == NOTHING
        assert fail(push, Following(), "It was deleted.") == NOTHING


def test_who_is_lost_in_the_moment_of_activation_is_lost() -> None:
    lost = RepositoryGone(repository=REPOSITORY, reason="deleted", seen_at=T0)
    told: list[Message[Any]] = [said(changed(), time=T0), said(lost)]
    assert not reduce(following.evolve, told, Following()).active


def test_each_repository_is_followed_by_itself() -> None:
    other = Repository(id=8, full_name=REPOSITORY.full_name)
    assert following_id(other) != following_id(REPOSITORY)
    assert following_id(REPOSITORY.model_copy(update={"full_name": "x/y"})) == (
        following_id(REPOSITORY)
    )
    assert Following().config_path == "deploy.yml"


async def test_who_is_gone_is_not_followed_until_activated_again(world: World) -> None:
    at = world.clock() + minutes(1)
    await world.hear(
        RepositoryGone(repository=REPOSITORY, reason="deleted", seen_at=at)
    )
    await world.hear(pushed())
    assert await told(world, pushed()) == []
    await world.deliver(said(changed(), revision=2, time=at + minutes(1)))
    again = pushed(delivery_id="another")
    await world.hear(again)
    assert len(await told(world, again)) == 2


async def test_a_first_push_may_overtake_the_activation() -> None:
    world = World()
    world.broken(EVERYWHERE)
    message = said(pushed(), time=world.clock())
    again = await world.deliver(message)
    assert again
    assert again.after == timedelta(seconds=1)
    assert str(again) == "it is not known yet whether the repository is followed"
    await world.hear(changed())
    assert await world.deliver(message) is None
    assert len(await told(world, message.data)) == 2
    world.store.close()


async def test_of_whom_nothing_is_ever_heard_is_not_followed() -> None:
    world = World()
    message = said(pushed(), time=world.clock())
    world.clock.advance(minutes(1))
    assert await world.deliver(message) is None
    assert "does not follow" in ((await matched(world, message.data)).reason or "")
    world.store.close()


async def test_a_commit_that_github_does_not_show_yet_is_awaited(world: World) -> None:
    message = said(pushed(), time=world.clock())
    world.github.hidden = True
    assert await world.deliver(message)
    world.github.hidden = False
    assert await world.deliver(message) is None
    assert len(await told(world, message.data)) == 2


async def test_without_github_the_push_comes_again(world: World) -> None:
    world.github.down()
    assert await world.hear(pushed())
    world.github.trouble = None
    assert await world.hear(pushed()) is None


async def news(world: World) -> list[AutoDeployFailed | AutoDeployRecovered]:
    kinds = AutoDeployFailed, AutoDeployRecovered
    facts = await world.facts(following_id(REPOSITORY))
    return [f for f in facts if isinstance(f, kinds)]


async def test_rules_that_cannot_be_read_deploy_nothing_and_people_are_told(
    world: World,
) -> None:
    world.broken("envs: 1")
    with capture_logs() as logs:
        for _ in range(2):
            await world.hear(pushed())
    (failed,) = await news(world)
    assert isinstance(failed, AutoDeployFailed)
    assert (failed.ref.name, failed.sha, failed.pusher) == ("main", sha_of(2), ANN)
    assert (failed.delivery_id, failed.pushed_at) == (pushed().delivery_id, T0)
    assert failed.message.startswith(
        "The push of main (0000000) was deployed nowhere: deploy.yml at the head of "
    )
    assert failed.message.endswith("Mend that, then push again or deploy by hand.")
    assert (await matched(world, pushed())).reason == failed.message
    assert await told(world, pushed()) == []
    (line,) = [line for line in logs if line["event"] == "push_deployed_nowhere"]
    assert line["log_level"] == "warning"
    assert (line["repository"], line["sha"]) == (REPOSITORY.full_name, sha_of(2))
    assert line["reason"] == failed.message


async def test_when_there_are_rules_again_that_is_told_once(world: World) -> None:
    world.broken("envs: 1")
    await world.hear(pushed())
    await world.hear(pushed(delivery_id="two"))
    world.broken(EVERYWHERE)
    for delivery in ("three", "four"):
        await world.hear(pushed("refs/tags/nightly", delivery_id=delivery))
    said_ = [(type(n).__name__, n.delivery_id) for n in await news(world)]
    assert said_ == [
        ("AutoDeployFailed", pushed().delivery_id),
        ("AutoDeployFailed", "two"),
        ("AutoDeployRecovered", "three"),
    ]


async def test_where_all_is_well_nothing_is_told(world: World) -> None:
    await world.hear(pushed())
    assert await news(world) == []


async def test_a_repository_that_is_hidden_deploys_nothing(world: World) -> None:
    world.github.answer = None
    await world.hear(pushed())
    reason = (await matched(world, pushed())).reason or ""
    assert "GitHub does not show the repository to our token: it is gone" in reason
    assert "or the token may not read it." in reason


async def test_rules_are_read_where_the_repository_keeps_them(world: World) -> None:
    await world.deliver(said(changed(config_path="deploy/eu.yml"), revision=2))
    await world.hear(pushed())
    assert world.github.path == "deploy/eu.yml"
    await world.deploy(1)
    assert world.github.path == "deploy/eu.yml"


async def test_a_renamed_repository_is_asked_for_by_its_new_name(world: World) -> None:
    renamed = Repository(id=REPOSITORY.id, full_name="octo/new-shop")
    world.checks(1, test="queued")
    await world.deploy(1, wait_for_checks=True)
    await world.hear(
        RepositoryRenamed(
            repository=renamed, previous_name="octo/shop", seen_at=world.clock()
        )
    )
    world.checks(1, test="success")
    await world.verifier.checks_changed(REPOSITORY, sha_of(1))
    assert world.github.repository == renamed
    await world.deploy(2)
    assert world.github.repository == renamed
    assert await world.states(1, 2) == ["verified", "verified"]


FACTS: list[Message[FollowingFact]] = [
    said(changed(), revision=1, time=T0),
    said(changed(active=False), revision=2, time=T0 + minutes(1)),
    said(changed(config_path="x.yml"), revision=3, time=T0 + minutes(3)),
    said(
        RepositoryGone(repository=REPOSITORY, reason="deleted", seen_at=T0 + minutes(2))
    ),
    said(
        RepositoryRenamed(
            repository=Repository(id=7, full_name="octo/b"),
            previous_name="octo/shop",
            seen_at=T0,
        )
    ),
    said(
        RepositoryRenamed(
            repository=Repository(id=7, full_name="octo/c"),
            previous_name="octo/b",
            seen_at=T0 + minutes(1),
        )
    ),
]


FAILED = AutoDeployFailed(
    repository=REPOSITORY,
    delivery_id="one",
    ref=Ref(type="branch", name="main"),
    sha=sha_of(2),
    pusher=ANN,
    pushed_at=T0,
    message="There are no rules.",
)
RECOVERED = AutoDeployRecovered(repository=REPOSITORY, delivery_id="two")
FACTS += [said(FAILED, revision=7), said(RECOVERED, revision=8)]


@given(st.permutations([*FACTS, *FACTS[:3]]))
def test_facts_about_a_repository_commute(order: list[Message[FollowingFact]]) -> None:
    known = reduce(following.evolve, order, Following())
    assert known == reduce(following.evolve, FACTS, Following())
    assert (known.active, known.config_path) == (True, "x.yml")
    assert known.named(REPOSITORY).full_name == "octo/c"
    assert not known.in_trouble
