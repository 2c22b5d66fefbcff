"""Two workers, any order, crashes anywhere, and a GitHub that loses answers.

The oracle is law 5: one deployment at GitHub, unless GitHub finishes a POST after the
attempt's window; then the one too many is set to `error`. Whatever happens, it ends.

A story is a list of steps that Hypothesis draws: deliver a message to a worker, let
GitHub do something with a POST that is on its way, hold a commit while others work,
kill a worker, let time pass. After it everything is delivered until nothing waits any
more.
"""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import (
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    GitHubDeploymentRefused,
)

from .examples import cancel, order, seconds
from .world import CREATE, DENY, DROP, LATE, LOSE, World

#: By name, so that GitHub may have another commit than the verified one.
ORDER = order(config=order().config.model_copy(update={"ref_at_github": "name"}))

Step = tuple[str, int, int]


def often(times: int, what: str, one: int = 0, two: int = 0) -> list[Step]:
    return times * [(what, one, two)]


#: The interesting stories are those in which POSTs and messages cross.
STEPS: list[Step] = [
    *(s for w in (0, 1) for m in (0, 1, 2) for s in often(5, "deliver", w, m)),
    *(s for what in (CREATE, LOSE, DENY) for s in often(2, what)),
    *(s for what in (DROP, LATE) for s in often(4, what)),
    *often(1, LOSE, 1),
    *often(3, "hold"),
    *often(6, "go on"),
    *often(1, "crash", 0),
    *often(1, "crash", 1),
    *often(3, "finish late"),
    *often(1, "finish late", 1),
    *(s for time in (1, 9, 25, 31, 31, 31, 300, 700) for s in often(2, "wait", time)),
    *often(1, "cancel"),
    *often(1, "again"),
    *often(1, "tooling"),
    *often(1, "gone"),
    *often(2, "moved"),
]
STORIES = st.lists(st.sampled_from(STEPS), min_size=10, max_size=30)
COMMITS = st.frozensets(st.integers(1, 12), max_size=2)


async def play(
    steps: list[Step], before: frozenset[int], after: frozenset[int]
) -> World:
    world = World(crash_before=before, crash_after=after)
    world.send(ORDER)
    world.send(ORDER)
    for step in steps:
        await take(world, step)
    await world.settle()
    return world


async def take(world: World, step: Step) -> None:  # noqa: C901 - a table, one row each
    match step:
        case ("deliver", worker, which):
            await world.deliver(worker, which)
        case ("hold", _, _):
            world.hold = True
        case ("go on", _, _):
            await world.go_on()
        case ("crash", worker, _):
            await world.crash(worker)
        case ("finish late", webhook, _):
            world.finish_late(webhook=bool(webhook))
        case ("wait", time, _):
            await world.wait(seconds(time))
        case ("cancel", _, _):
            world.send(cancel())
        case ("again", _, _):
            world.send(ORDER)
        case ("gone", _, _):
            world.github.gone = True
            # In half an hour, that is; and whoever waits is told.
            world.send(cancel(by="repository", who=None))
        case ("moved", _, _):
            world.moved = True
        case ("tooling", _, _):
            world.github.finished |= set(world.github.deployments)
        case (what, webhook, _):
            await world.github_does(what, webhook=bool(webhook))


async def check(world: World) -> None:
    created = await world.said(GitHubDeploymentCreated)
    refused = await world.said(GitHubDeploymentRefused)
    canceled = await world.said(GitHubDeploymentCanceled)
    github = world.github
    assert len(created) <= 1
    assert len(refused) <= 1
    assert len(canceled) <= 1
    assert created or refused or canceled, "it ends"
    assert not (refused and (created or canceled))
    recorded = {d.github_deployment_id for d in created}
    assert {d.github_deployment_id for d in canceled} <= recorded | {None}
    assert not created or not canceled or canceled[0].created
    stopped = set(github.errors)
    extra = set(github.deployments) - recorded
    assert extra <= stopped or github.gone, "what is one too many is set to error"
    assert not extra or world.late or github.gone, "never two, unless GitHub is late"
    if canceled:
        assert recorded <= stopped | github.finished or github.gone
        final = canceled[0].final_github_status_id
        assert not final or recorded <= github.finished
    else:
        assert not recorded & stopped
        assert all(d.sha == ORDER.sha for d in created), "another commit is stopped"


def run(
    steps: list[Step],
    before: frozenset[int] = frozenset(),
    after: frozenset[int] = frozenset(),
) -> None:
    async def story() -> None:
        world = await play(steps, before, after)
        await check(world)
        world.store.close()

    asyncio.run(story())


@settings(max_examples=300, deadline=None)
@given(STORIES, COMMITS, COMMITS)
def test_whatever_happens_there_is_one_and_it_ends(
    steps: list[Step], before: frozenset[int], after: frozenset[int]
) -> None:
    run(steps, before, after)


@pytest.mark.parametrize("why", [[("cancel", 0, 0)], [("wait", 61, 0), ("gone", 0, 0)]])
def test_two_conclude_at_once(why: list[Step]) -> None:
    """The second has decided before the first has committed."""
    run(
        [
            *why,
            ("hold", 0, 0),
            ("deliver", 0, -1),
            ("hold", 0, 0),
            ("go on", 0, 0),
            ("deliver", 1, 0),
            ("go on", 0, 0),
        ]
    )


def test_nobody_concludes_while_another_has_begun_in_time() -> None:
    """What the worker knows is old: the verdict ends during another's attempt."""
    run(
        [
            ("deliver", 0, 0),
            (DENY, 0, 0),
            ("wait", 890, 0),
            ("deliver", 1, 0),
            ("wait", 10, 0),
            ("deliver", 0, 0),
            (CREATE, 0, 0),
        ]
    )


def test_nobody_waits_for_a_repository_to_settle_what_another_has_settled() -> None:
    """What the worker knows is old: the attempt that it asks about has ended."""
    run(
        [
            ("wait", 700, 0),
            ("deliver", 1, 0),
            ("deliver", 0, 0),
            ("gone", 0, 0),
            ("wait", 31, 0),
            ("deliver", 1, 1),
        ]
    )
