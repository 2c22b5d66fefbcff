"""What would become of a deployment, without deploying.

The question is asked over the bus and recorded nowhere; without an answer in time
nothing has happened, and whoever wants to know asks again.
"""

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from shared.contracts import PreflightAsked
from shared.messaging import Bus, BusUnavailableError
from shared.web import ApiError, Rates

from . import answers
from .answering import BASE, answer
from .auth import GITPLOY, person_of
from .lookup import Lookup
from .operation import Need, Operation, Option
from .queries import PreflightQuery
from .reading import environment_of, wait_of

AGAIN_S = 5
#: Of one person. Each costs a question to GitHub in Gitploy's own name, and whoever may
#: read could use up what deployments need.
PER_MINUTE = 60


class Preflight:
    def __init__(self, bus: Bus, lookup: Lookup) -> None:
        self._bus = bus
        self._lookup = lookup
        self._rates = Rates(PER_MINUTE)

    async def show(self, request: web.Request, query: PreflightQuery) -> web.Response:
        """All checks of a deployment, and what would become of it."""
        environment = environment_of(request)
        repository = await self._lookup.repository(request)
        person = person_of(request)
        if person != GITPLOY.person:
            self._rates.take(str(person.id))
        asked = PreflightAsked(
            repository=repository,
            environment=environment,
            ref=query.named,
            who=person,
            expected_sha=query.expected_sha,
            dynamic_payload=query.dynamic_payload,
            override=query.overridden,
        )
        wait_s = wait_of(request)
        try:
            told = await self._bus.ask(asked, timedelta(seconds=wait_s))
        except BusUnavailableError as error:
            raise _unanswered("The message broker can't be reached") from error
        if told is None:
            raise _unanswered(f"The verifier did not answer within {wait_s:g} s")
        if told.would is None:
            raise _unanswered(f"GitHub does not tell ({told.message})")
        return answer(
            {
                "would": told.would,
                "message": told.message,
                "position": told.position,
                "sha": told.sha,
                "checks": [check.model_dump(mode="json") for check in told.checks],
            }
        )

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        path = f"{BASE}/environments/{{env}}/preflight"
        return [
            Operation(
                "GET",
                path,
                self.show,
                Need.READ,
                answers={200: answers.Preflight},
                errors=["internal_error"],
                options=[Option.WAIT],
            )
        ]


def _unanswered(why: str) -> ApiError:
    return ApiError(
        503,
        "internal_error",
        f"{why}: nothing was done, ask again.",
        headers={"Retry-After": str(AGAIN_S)},
    )
