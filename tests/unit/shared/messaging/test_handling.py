"""What becomes of a delivery whose handler fails."""

from datetime import timedelta

import pytest
from eventsourcing.persistence import OperationalError
from sqlalchemy import exc

from shared.messaging.handling import Back, Done, Later, Tries, handle
from shared.store import DatabaseUnavailableError
from shared.testing import T0
from shared.testing.bus import Taker, a_message

AWAY = [
    OperationalError("the connection is lost"),
    exc.OperationalError("SELECT 1", {}, Exception("disk full")),
    DatabaseUnavailableError("nobody answers"),
]


async def away() -> None:
    raise ConnectionError("nobody answers")


async def there() -> None: ...


@pytest.mark.parametrize("error", [*AWAY, ValueError("boom")])
async def test_a_failure_without_a_database_leaves_the_message_where_it_is(
    error: Exception,
) -> None:
    taker = Taker([error])
    verdict = await handle(taker.subscription, a_message(), Tries(), T0, away)
    assert verdict == Back("ConnectionError: nobody answers")


@pytest.mark.parametrize("error", AWAY)
async def test_a_database_that_does_nothing_is_waited_for_and_costs_no_try(
    error: Exception,
) -> None:
    tries = Tries(surprises=4)
    taker = Taker([error])
    verdict = await handle(taker.subscription, a_message(), tries, T0, there)
    assert isinstance(verdict, Later)
    assert verdict.tries == Tries(surprises=4, since=T0)
    assert verdict.rung == timedelta(minutes=1)


async def test_what_works_asks_nobody() -> None:
    taker = Taker()
    verdict = await handle(taker.subscription, a_message(), Tries(), T0, away)
    assert verdict == Done()
