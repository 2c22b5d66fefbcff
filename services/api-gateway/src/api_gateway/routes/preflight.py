"""What would become of a deployment, without deploying.

The question is asked over the bus and recorded nowhere; without an answer in time
nothing has happened, and whoever wants to know asks again.
"""

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from api_gateway.read_model.documents import Document
from shared.contracts import PreflightAsked
from shared.messaging import Bus, BusUnavailableError
from shared.web import ApiError, Rates

from . import answers
from .answering import BASE, answer
from .auth import GITPLOY, person_of, user_of
from .intake import inactive
from .lookup import Lookup, shown_repository
from .operation import Need, Operation, Option
from .queries import PreflightQuery
from .reading import environment_of, full_name_of, wait_of
from .requirements import MAY, check_permission

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
        known = await self._lookup.repository_document(request)
        repository = shown_repository(known)
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
        kept_out = _kept_out(request, known)
        return answer(
            {
                "would": "refuse" if kept_out else told.would,
                "message": kept_out or told.message,
                "position": None if kept_out else told.position,
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


def _kept_out(request: web.Request, known: Document) -> str | None:
    """Why a request of theirs would not even be taken, whatever the checks say."""
    user, full_name = user_of(request), full_name_of(request)
    try:
        check_permission(user, request[MAY], Need.WRITE, full_name)
    except ApiError as refusal:
        return refusal.message
    return None if known["active"] else inactive(full_name).message


def _unanswered(why: str) -> ApiError:
    return ApiError(
        503,
        "internal_error",
        f"{why}: nothing was done, ask again.",
        headers={"Retry-After": str(AGAIN_S)},
    )
