"""DORA's four key figures of a repository's environments."""

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from api_gateway.domain.refusal import RefusedError
from api_gateway.read_model.delivery import Delivery, Period
from shared.store import Clock

from . import answers
from .answering import BASE, answer, refused
from .lookup import Lookup, not_found
from .operation import Need, Operation
from .queries import PeriodQuery
from .reading import environment_of, invalid

USUAL = timedelta(days=30)
LONGEST = timedelta(days=366)


class Dora:
    def __init__(self, delivery: Delivery, lookup: Lookup, clock: Clock) -> None:
        self._delivery = delivery
        self._lookup = lookup
        self._clock = clock

    async def list(self, request: web.Request, query: PeriodQuery) -> web.Response:
        """DORA's four key figures of each environment.

        How often changes arrive, how long a commit takes until it has arrived, how much
        of it fails, and how long it takes until that is mended. The period has at most
        366 days.
        """
        repository = await self._lookup.repository(request)
        period = self._period(query)
        try:
            return answer(await self._delivery.of_all(repository.id, period))
        except RefusedError as error:
            raise refused(error.refusal) from error

    async def show(self, request: web.Request, query: PeriodQuery) -> web.Response:
        """DORA's four key figures of an environment.

        The period has at most 366 days.
        """
        repository = await self._lookup.repository(request)
        env = environment_of(request)
        try:
            told = await self._delivery.of(repository.id, env, self._period(query))
        except RefusedError as error:
            raise refused(error.refusal) from error
        if told is None:
            raise not_found(f"Nothing was ever deployed to {env!r}")
        return answer(told)

    def _period(self, query: PeriodQuery) -> Period:
        until = query.to or self._clock()
        since = query.since or until - USUAL
        if not timedelta() < until - since <= LONGEST:
            most = f"it must be before `to`, by {LONGEST.days} days at most"
            raise invalid("from", most)
        return Period(since, until)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        too_much = ["entity_unprocessable"]
        return [
            Operation(
                "GET",
                f"{BASE}/dora",
                self.list,
                Need.READ,
                answers={200: list[answers.Delivery]},
                errors=too_much,
            ),
            Operation(
                "GET",
                f"{BASE}/environments/{{env}}/dora",
                self.show,
                Need.READ,
                answers={200: answers.Delivery},
                errors=too_much,
            ),
        ]
