"""Who goes past a review: by their request, or by sending what waits for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from shared.contracts import (
    ConfirmationRefused,
    DeployConfirmed,
    Override,
    RefVerified,
    Repository,
    ReviewRequested,
)
from shared.testing import said
from verifier.domain.case import Moment
from verifier.domain.found import Named, People
from verifier.domain.verdict import NOTHING, conclude
from verifier.domain.verification import file

from .examples import ANN
from .locking import lock
from .world import BEN, EVE, HOLDS, REVIEW, World, id_of, minutes, override, sha_of

EMERGENCY = f"{REVIEW[:-1]}, emergency: true}}, overriders: [eve]"
BURNS = override("review")


@pytest.fixture
def world() -> Iterator[World]:
    made = World(f"serialization: true, {REVIEW}")
    yield made
    made.store.close()


async def refusal(world: World) -> ConfirmationRefused:
    (refused,) = await world.said(1, ConfirmationRefused)
    return refused


async def test_an_emergency_goes_past_the_review_where_the_rules_say_so(
    world: World,
) -> None:
    await world.deploy(1, override=override("review"))
    assert await world.state(1) == "review", "not without `emergency: true`"
    world.rules(f"{REVIEW[:-1]}, emergency: true}}")
    await world.deploy(2, override=override("review", "frozen"))
    verified = await world.verdict(2)
    assert verified.override == Override(checks=("review",), reason="The shop is down")
    assert verified.approvals == ()


async def test_an_overrider_sends_it_without_approvals_while_it_waits(
    world: World,
) -> None:
    world.rules(EMERGENCY)
    await world.deploy(1)
    (asked,) = await world.said(1, ReviewRequested)
    assert asked.emergency
    await world.confirm(1, confirmed_by=EVE, override=override("review", "frozen"))
    verified = await world.verdict(1)
    assert (verified.approvals, verified.override) == ((), BURNS)
    (check,) = [c for c in verified.checks if c.code == "review"]
    assert check.state == "overridden"
    assert check.message.endswith("Overridden by eve: The shop is down")


@pytest.mark.parametrize(
    ("rules", "changes", "hint"),
    [
        (EMERGENCY, {"confirmed_by": BEN}, "Only eve may override this."),
        (EMERGENCY, {"override": Override(checks=("review",), reason=" ")}, "reason"),
        (EMERGENCY, {"override": override("locked")}, "Waits for ben, eve."),
        (EMERGENCY, {"sha": sha_of(2)}, "look at the deployment again"),
        (EMERGENCY, {"config_digest": "0" * 64}, "look at the deployment again"),
        (f"{REVIEW}, overriders: [eve]", {}, "no `review.emergency: true`."),
    ],
)
async def test_nobody_else_and_nothing_else_goes_past_a_review(
    world: World, rules: str, changes: dict[str, Any], hint: str
) -> None:
    world.rules(rules)
    await world.deploy(1)
    await world.confirm(1, **{"confirmed_by": EVE, "override": BURNS} | changes)
    refused = await refusal(world)
    assert refused.code == "deployment_not_approved"
    assert hint in refused.message
    assert await world.state(1) == "review"
    await world.confirm(1, BEN, id_=2)
    assert await world.state(1) == "verified", "it has gone on waiting"


async def test_who_deploys_may_override_and_still_approves_nothing(
    world: World,
) -> None:
    world.rules(EMERGENCY.replace("[eve]", "[ann]"))
    await world.deploy(1)
    await world.confirm(1, ANN, confirmed_by=ANN)
    assert (await refusal(world)).code == "deployment_not_approved"
    await world.confirm(1, confirmed_by=ANN, override=BURNS, id_=2)
    verified = await world.verdict(1)
    assert (verified.approvals, verified.override) == ((), BURNS)


async def test_what_is_in_the_way_of_what_was_approved_may_be_overridden(
    world: World,
) -> None:
    world.rules(f"{REVIEW}, overriders: [eve]")
    await world.deploy(1)
    await world.hear(lock(BEN))
    await world.confirm(1, EVE, confirmed_by=EVE, override=override("locked"))
    verified = await world.verdict(1)
    assert [a.reviewer for a in verified.approvals] == [EVE]
    assert verified.override == override("locked")


async def test_an_override_holds_also_in_line(world: World) -> None:
    world.rules(f"serialization: true, queue: true, {EMERGENCY}")
    await world.deploy(1)
    await world.deploy(2)
    await world.confirm(1, BEN)
    await world.confirm(2, confirmed_by=EVE, override=BURNS, id_=2)
    assert await world.state(2) == "place 1 behind 1"
    world.rules("serialization: true, queue: true, overriders: [nobody]")
    await world.finish(1)
    assert (await world.verdict(2)).override == BURNS


async def test_who_asked_and_who_sends_override_each_their_own(world: World) -> None:
    world.rules(EMERGENCY.replace("[eve]", "[ann, eve]"))
    await world.hear(lock(BEN))
    await world.deploy(1, override=Override(checks=("locked",), reason="A fix"))
    await world.confirm(1, confirmed_by=EVE, override=BURNS)
    verified = await world.verdict(1)
    assert verified.override == Override(
        checks=("locked", "review"), reason="A fix; The shop is down"
    )


async def test_an_override_that_was_not_needed_is_not_told(world: World) -> None:
    world.rules(EMERGENCY)
    await world.deploy(1, override=Override(checks=("locked",), reason="A fix"))
    await world.confirm(1, BEN, confirmed_by=EVE, override=BURNS)
    assert (await world.verdict(1)).override is None


async def test_the_wish_of_who_may_not_override_is_not_told(world: World) -> None:
    world.rules(EMERGENCY)
    await world.deploy(1, override=Override(checks=("locked",), reason="A fix"))
    await world.hear(lock(BEN))
    await world.confirm(1, EVE, confirmed_by=EVE, override=override("locked"))
    assert (await world.verdict(1)).override == override("locked")


async def test_github_is_asked_only_about_who_wants_to_override(world: World) -> None:
    world.rules(f"{REVIEW[:-1]}, emergency: true}}, overriders: ['@octo/ops']")
    await world.deploy(1)
    asked: list[Named] = []
    people = world.github.people

    async def heard(repository: Repository, named: Named) -> People:
        asked.append(named)
        return await people(repository, named)

    world.github.people = heard  # type: ignore[method-assign]
    await world.confirm(1, confirmed_by=EVE)
    assert asked == []
    await world.confirm(1, confirmed_by=EVE, override=BURNS, id_=2)
    assert asked == [Named(teams=frozenset({"@octo/ops"}))]
    assert await world.state(1) == "review", "eve is in no team"


async def test_who_may_override_is_asked_until_github_answers(world: World) -> None:
    world.rules(f"{REVIEW[:-1]}, emergency: true}}")
    await world.deploy(1)
    world.github.people_down = True
    sending = world.confirm(1, confirmed_by=EVE, override=BURNS)
    assert await sending, "it comes again"
    assert await world.said(1, ConfirmationRefused) == []
    world.github.people_down = False
    await world.confirm(1, confirmed_by=EVE, override=BURNS)
    assert await world.state(1) == "verified"


async def test_an_override_before_the_request_waits_for_it(world: World) -> None:
    world.rules(EMERGENCY)
    await world.deploy(1)
    await world.confirm(1, confirmed_by=EVE, override=BURNS)
    (confirmed,) = [
        f for f in await world.facts(id_of(1)) if isinstance(f, DeployConfirmed)
    ]
    again = World(EMERGENCY)
    await again.deliver(said(confirmed))
    await again.deploy(1)
    assert await again.state(1) == "verified"
    again.store.close()


async def test_who_has_not_been_looked_up_is_not_answered_yet(world: World) -> None:
    """Another replica has recorded a confirmation, and has not asked GitHub yet."""
    world.rules(EMERGENCY)
    await world.deploy(1)
    (shown,) = await world.said(1, ReviewRequested)
    known = await world.verifier.verifications.get(id_of(1))
    sent = DeployConfirmed.model_validate(
        {
            "deployment_id": id_of(1),
            "confirmation_id": id_of(7),
            "sha": shown.sha,
            "config_digest": shown.config_digest,
            "approvals": (),
            "confirmed_by": EVE,
            "override": BURNS,
            "confirmed_at": world.clock(),
            "not_after": world.clock() + minutes(15),
        }
    )
    known, here, now = file(known, sent), await world.here(), world.clock()
    unasked = Moment(now=now, holds_for=HOLDS)
    assert conclude(known, here, unasked) == NOTHING
    for may, kind in ((True, RefVerified), (False, ConfirmationRefused)):
        moment = Moment(now=now, holds_for=HOLDS, overriders={id_of(7): may})
        assert [type(f) for f in conclude(known, here, moment).said] == [kind]
