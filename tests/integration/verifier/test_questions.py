"""Questions and hints over the bus."""

from datetime import timedelta

from shared.contracts import (
    ChecksPending,
    CommitChecksChanged,
    Person,
    PreflightAnswered,
    PreflightAsked,
    Ref,
    RefVerified,
)
from shared.testing import said, until

from .conftest import REPOSITORY, World, a_request

MONA = Person(id=1, login="mona")


async def test_a_preflight_is_answered(world: World) -> None:
    main = Ref(type="branch", name="main")
    question = PreflightAsked(
        repository=REPOSITORY, environment="production", ref=main, who=MONA
    )
    answer = await world.bus.ask(question, timedelta(seconds=10))
    assert isinstance(answer, PreflightAnswered)
    assert answer.would == "deploy"
    assert answer.sha == world.git("rev-parse", "HEAD")


async def test_a_hint_sends_on_who_waits_for_checks(world: World) -> None:
    sha = world.git("rev-parse", "HEAD")
    await world.status(sha, "pending")
    request = a_request(1, environment="strict", wait_for_checks=True)
    await world.bus.publish(said(request))
    heard = world.heard.setdefault(request.deployment_id, [])
    await until(lambda: [type(e) for e in heard] == [ChecksPending])
    await world.status(sha, "success")
    await world.bus.hint(CommitChecksChanged(repository=REPOSITORY, sha=sha))
    await until(lambda: [type(e) for e in heard][1:] == [RefVerified])
