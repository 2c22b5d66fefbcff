"""Requests for deployments, whichever route they come by: recorded, then answered.

`POST` is synchronous for people and asynchronous inside: what becomes of a request is
the answer, if that is known within the wait.
"""

from datetime import datetime
from uuid import UUID, uuid4, uuid5

from aiohttp import web

from api_gateway.application import Gateway, RepositoryInactiveError
from api_gateway.domain.phase import Phase
from api_gateway.domain.requests import DeployCommand
from api_gateway.domain.requests import Wanted as WantedDeployment
from api_gateway.read_model.documents import Document
from shared.contracts import DeployRequested, Repository
from shared.web import ApiError

from . import answers
from .answering import answer
from .auth import person_of
from .errors import STOPPED as STOPPED_CODES
from .lookup import Lookup
from .operation import Handler, Need, Operation, Option
from .reading import idempotency_key_of, wait_of
from .repeating import REPLAYED

NAMESPACE = UUID("0e3f2a3c-5b1d-4d8e-8f0a-6c7f5f7f2b1e")
#: Somebody has to answer before it can be said what becomes of it.
OPEN = frozenset({Phase.REQUESTED, Phase.VERIFYING, Phase.DISPATCHING, Phase.CANCELING})
STOPPED = frozenset({Phase.REJECTED, Phase.REFUSED, Phase.CANCELED})


class Intake:
    def __init__(self, gateway: Gateway, lookup: Lookup) -> None:
        self._gateway = gateway
        self._lookup = lookup

    async def take(
        self, request: web.Request, repository: Repository, wanted: WantedDeployment
    ) -> web.Response:
        """Record a request, and answer with what becomes of it."""
        now = self._gateway.store.clock()
        recorded = await self._record(request, repository, wanted, now)
        shown = await self._lookup.outcome(
            recorded.deployment_id, bool, is_answered, wait_of(request)
        )
        return _created(recorded, shown, again=recorded.requested_at != now)

    async def recorded(
        self, request: web.Request, repository: Repository
    ) -> DeployRequested | None:
        """What was asked for with its key before; none where it has no key."""
        if idempotency_key_of(request) is None:
            return None
        known = await self._gateway.deployments.get(_id_of(request, repository))
        return known.request.data if known.request else None

    async def _record(
        self,
        request: web.Request,
        repository: Repository,
        wanted: WantedDeployment,
        now: datetime,
    ) -> DeployRequested:
        key = idempotency_key_of(request)
        command = DeployCommand(
            deployment_id=_id_of(request, repository),
            repository=repository,
            wanted=wanted,
            requested_by=person_of(request),
            requested_at=now,
            not_after=now + self._gateway.limits.verdict,
        )
        try:
            recorded = await self._gateway.request_deployment(command)
        except RepositoryInactiveError as error:
            raise inactive(repository.full_name) from error
        if WantedDeployment.by(recorded) != wanted:
            raise ApiError(
                422,
                "idempotency_key_reused",
                f"Idempotency-Key {key!r} was used for deployment #{recorded.number} "
                "with another body: use a new key for a new request.",
            )
        return recorded


def asking(path: str, handler: Handler, *errors: str) -> Operation:
    """An operation that asks for a deployment."""
    return Operation(
        "POST",
        path,
        handler,
        Need.WRITE,
        answers={
            201: answers.Deployment,
            202: answers.Deployment | answers.DeploymentRecorded,
        },
        errors=(*STOPPED_CODES, "idempotency_key_reused", *errors),
        options=(Option.WAIT, Option.REPEAT),
    )


def is_answered(shown: Document) -> bool:
    """Whether it can be said what became of a request or a confirmation."""
    return shown["phase"] not in OPEN


def stopped(shown: Document, location: str) -> ApiError | None:
    """The answer if it will not be deployed."""
    if shown["phase"] not in STOPPED:
        return None
    return ApiError(
        422,
        shown["code"],
        shown["message"],
        headers={"Location": location},
        checks=shown["checks"],
        number=shown["number"],
        uuid=shown["uuid"],
        phase=shown["phase"],
    )


def location_of(full_name: str, number: int) -> str:
    """Where a deployment can be looked at."""
    return f"/api/v1/repos/{full_name}/deployments/{number}"


def _id_of(request: web.Request, repository: Repository) -> UUID:
    """The same for the same key of the same person."""
    key = idempotency_key_of(request)
    name = f"{person_of(request).id}/{repository.id}/{key}"
    return uuid4() if key is None else uuid5(NAMESPACE, name)


def _created(
    recorded: DeployRequested, shown: Document | None, *, again: bool
) -> web.Response:
    location = location_of(recorded.repository.full_name, recorded.number)
    headers = {"Location": location} | ({REPLAYED: "true"} if again else {})
    if shown and (error := stopped(shown, location)):
        error.headers = headers
        raise error
    phase = Phase(shown["phase"]) if shown else Phase.REQUESTED
    known = {"number": recorded.number, "uuid": str(recorded.deployment_id)}
    waiting = known | {"status": phase.status, "phase": phase.value}
    status = 202 if phase in OPEN else 201
    return answer(shown or waiting, status, headers)


def inactive(full_name: str) -> ApiError:
    return ApiError(
        422,
        "entity_unprocessable",
        f"The repository {full_name} is not active: activate it first, with "
        f'PATCH /api/v1/repos/{full_name} and {{"active": true}}.',
    )
