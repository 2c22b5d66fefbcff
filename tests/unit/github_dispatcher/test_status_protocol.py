"""Two workers post statuses: in any order, with crashes, and answers that are lost.

Each status that somebody wants is at GitHub once, however alike two of them read, and
its command is answered once; unless GitHub finishes a POST after the attempt's window.
"""

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from github_dispatcher.domain.posting import stream_of
from shared.contracts import RemoteStatusPosted, RemoteStatusRefused

from .examples import seconds, wish
from .world import CREATE, DENY, DROP, LATE, LOSE, World

#: Two of them read alike.
WISHES = [wish(1), wish(2), wish(3, state="success", description="")]
STREAM = stream_of(WISHES[0])

Step = tuple[str, int, int]
STEPS: list[Step] = [
    *[("deliver", worker, which) for worker in (0, 1) for which in (0, 1, 2)] * 4,
    *[(what, 0, 0) for what in (CREATE, LOSE, LOSE, DENY, DROP, DROP)] * 2,
    (LATE, 0, 0),
    ("finish late", 0, 0),
    *[("hold", 0, 0), ("go on", 0, 0), ("go on", 0, 0)] * 2,
    ("crash", 0, 0),
    ("crash", 1, 0),
    *[("wait", time, 0) for time in (1, 9, 31, 31, 31, 300)] * 2,
    *[("again", which, 0) for which in range(3)],
    ("gone", 0, 0),
]
STORIES = st.lists(st.sampled_from(STEPS), min_size=8, max_size=30)
COMMITS = st.frozensets(st.integers(1, 12), max_size=2)


def send(world: World, which: int) -> None:
    world.send(WISHES[which], revision=which + 1)


async def play(
    steps: list[Step], before: frozenset[int], after: frozenset[int]
) -> World:
    world = World(crash_before=before, crash_after=after)
    for which in range(3):
        send(world, which)
    for step in steps:
        await take(world, step)
    await world.settle()
    return world


async def take(world: World, step: Step) -> None:
    match step:
        case ("deliver", worker, which):
            await world.deliver(worker, which)
        case ("hold", _, _):
            world.hold = True
        case ("go on", _, _):
            await world.go_on()
        case ("crash", worker, _):
            await world.crash(worker)
        case ("finish late", _, _):
            world.finish_late()
        case ("wait", time, _):
            await world.wait(seconds(time))
        case ("again", which, _):
            send(world, which)
        case ("gone", _, _):
            world.github.gone = True
        case (what, _, _):
            await world.github_does(what)


async def check(world: World) -> None:
    posted = await world.said(RemoteStatusPosted, STREAM)
    refused = await world.said(RemoteStatusRefused, STREAM)
    answers = Counter(answer.command_id for answer in [*posted, *refused])
    assert answers == {each.command_id: 1 for each in WISHES}
    there = world.github.statuses
    for answer in posted:
        told = next(w for w in WISHES if w.command_id == answer.command_id)
        same = {"command_id": told.command_id}
        made = there[answer.github_status_id]
        assert made.model_copy(update=same) == told, "another status than was wanted"
    numbers = {answer.github_status_id for answer in posted}
    assert len(numbers) == len(posted), "one status answers one command"
    if not (world.late or world.github.gone):
        assert numbers == set(there), "none is there that nobody wanted"


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


@settings(max_examples=200, deadline=None)
@given(STORIES, COMMITS, COMMITS)
def test_whatever_happens_each_is_posted_and_answered_once(
    steps: list[Step], before: frozenset[int], after: frozenset[int]
) -> None:
    run(steps, before, after)


def test_two_that_read_alike_are_told_apart_when_an_answer_is_lost() -> None:
    run(
        [
            ("deliver", 0, 0),
            (CREATE, 0, 0),
            ("deliver", 0, 1),
            (DROP, 0, 0),
            ("wait", 31, 0),
            ("deliver", 0, 0),
        ]
    )
