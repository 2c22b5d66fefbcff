"""Deployments: ask for one, look at them, stop one.

`POST` is synchronous for people and asynchronous inside: the request is recorded, then
answered with the outcome if that comes within the wait.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4, uuid5

from aiohttp import web

from api_gateway.application import Gateway, RepositoryInactiveError
from api_gateway.domain.decisions import DeployCommand
from api_gateway.domain.phase import Phase
from api_gateway.read_model import Follower, Queries, history
from api_gateway.read_model.documents import Document
from shared.contracts import DeployRequested, Repository
from shared.web import ApiError

from .answering import BASE, Wanted, answer, outcome
from .auth import GITPLOY
from .bodies import CancelBody, DeployBody
from .reading import (
    body_of,
    full_name_of,
    idempotency_key_of,
    number_of,
    page_of,
    status_of,
    text_of,
    time_of,
    wait_of,
)

NAMESPACE = UUID("0e3f2a3c-5b1d-4d8e-8f0a-6c7f5f7f2b1e")
OPEN = frozenset({Phase.REQUESTED, Phase.DISPATCHING, Phase.CANCELING})
STOPPED = frozenset({Phase.REJECTED, Phase.REFUSED, Phase.CANCELED})


Holds = Callable[[Document], bool]


class Deployments:
    def __init__(self, gateway: Gateway, queries: Queries, follower: Follower) -> None:
        self._gateway = gateway
        self._queries = queries
        self._follower = follower

    async def create(self, request: web.Request) -> web.Response:
        """Ask for a deployment."""
        repository = await self._repository(request)
        body = await body_of(request, DeployBody)
        if body.dynamic_payload:
            raise ApiError(
                422,
                "deployment_invalid",
                f"dynamic_payload: the environment {body.env!r} does not take one.",
            )
        recorded = await self._record(request, repository, body)
        shown = await self._outcome(
            recorded.deployment_id, bool, _answered, wait_of(request)
        )
        return _created(recorded, shown)

    async def _record(
        self, request: web.Request, repository: Repository, body: DeployBody
    ) -> DeployRequested:
        key, now = idempotency_key_of(request), self._gateway.store.clock()
        name = f"{GITPLOY.id}/{repository.id}/{key}"
        command = DeployCommand(
            deployment_id=uuid4() if key is None else uuid5(NAMESPACE, name),
            repository=repository,
            environment=body.env,
            ref=body.wanted,
            requested_by=GITPLOY,
            requested_at=now,
            not_after=now + self._gateway.limits.verdict,
        )
        try:
            recorded = await self._gateway.request_deployment(command)
        except RepositoryInactiveError as error:
            raise _inactive(repository.full_name) from error
        if (recorded.ref, recorded.environment) != (body.wanted, body.env):
            raise ApiError(
                422,
                "idempotency_key_reused",
                f"Idempotency-Key {key!r} was used for deployment #{recorded.number} "
                "with another body: use a new key for a new request.",
            )
        return recorded

    async def list(self, request: web.Request) -> web.Response:
        """The newest first."""
        repository = await self._repository(request)
        return answer(
            await self._queries.deployments(
                repository.id,
                text_of(request, "env"),
                status_of(request),
                page_of(request),
            )
        )

    async def show(self, request: web.Request) -> web.Response:
        """One of them, now or as it was at a time."""
        shown, at = await self._deployment(request), time_of(request, "at")
        return answer(shown if at is None else await self._as_of(shown, at))

    async def statuses(self, request: web.Request) -> web.Response:
        """What GitHub has told about it."""
        shown = await self._deployment(request)
        return answer(shown["edges"]["deployment_statuses"])

    async def events(self, request: web.Request) -> web.Response:
        """Everything that was said about it."""
        shown = await self._deployment(request)
        return answer(history.events(await self._messages(shown)))

    async def cancel(self, request: web.Request) -> web.Response:
        """Stop it, wherever it stands."""
        shown = await self._deployment(request)
        body = await body_of(request, CancelBody)
        deployment_id = UUID(shown["uuid"])
        known = await self._gateway.cancel_deployment(
            deployment_id, GITPLOY, body.reason
        )
        if known.cancel is None:
            raise ApiError(
                422,
                "deployment_status_invalid",
                f"Deployment #{shown['number']} has ended: {known.phase.value}.",
            )
        after = await self._outcome(deployment_id, _stopping, _ended, wait_of(request))
        return answer(after or shown, 200 if after and _ended(after) else 202)

    async def _repository(self, request: web.Request) -> Repository:
        full_name = full_name_of(request)
        shown = await self._queries.repository(full_name)
        if shown is None:
            raise _not_found(f"Gitploy does not know the repository {full_name}")
        name = f"{shown['namespace']}/{shown['name']}"
        return Repository(id=shown["id"], full_name=name)

    async def _deployment(self, request: web.Request) -> Document:
        number = number_of(request)
        repository = await self._repository(request)
        shown = await self._queries.deployment(repository.id, number)
        if shown is None:
            raise _not_found(f"{repository.full_name} has no deployment #{number}")
        return shown

    async def _messages(self, shown: Document) -> history.Messages:
        return await self._gateway.deployments.messages(UUID(shown["uuid"]))

    async def _as_of(self, shown: Document, at: datetime) -> Document:
        then = history.as_of(shown, await self._messages(shown), at)
        if then is None:
            raise _not_found(f"Nobody had asked for #{shown['number']} then")
        return then

    async def _outcome(
        self, deployment_id: UUID, shows: Holds, settled: Holds, wait_s: float
    ) -> Document | None:
        read = partial(self._queries.deployment_by_uuid, deployment_id)
        wanted = Wanted(deployment_id, read, shows, settled)
        return await outcome(self._follower, wanted, wait_s)

    def routes(self) -> Sequence[web.RouteDef]:
        """The resource's paths."""
        one = f"{BASE}/deployments/{{number}}"
        return [
            web.post(f"{BASE}/deployments", self.create),
            web.get(f"{BASE}/deployments", self.list),
            web.get(one, self.show),
            web.get(f"{one}/statuses", self.statuses),
            web.get(f"{one}/events", self.events),
            web.post(f"{one}/cancel", self.cancel),
        ]


def _answered(shown: Document) -> bool:
    return shown["phase"] not in OPEN


def _ended(shown: Document) -> bool:
    return Phase(shown["phase"]).ended


def _stopping(shown: Document) -> bool:
    return _ended(shown) or shown["phase"] == Phase.CANCELING


def _created(recorded: DeployRequested, shown: Document | None) -> web.Response:
    """The answer to a request that was recorded."""
    url = f"/api/v1/repos/{recorded.repository.full_name}/deployments/{recorded.number}"
    location = {"Location": url}
    phase = Phase(shown["phase"]) if shown else Phase.REQUESTED
    if shown and phase in STOPPED:
        raise ApiError(
            422,
            shown["code"],
            shown["message"],
            headers=location,
            checks=shown["checks"],
            number=shown["number"],
            uuid=shown["uuid"],
            phase=phase.value,
        )
    known = {"number": recorded.number, "uuid": str(recorded.deployment_id)}
    waiting = known | {"status": phase.status, "phase": phase.value}
    return answer(shown or waiting, 202 if phase in OPEN else 201, location)


def _inactive(full_name: str) -> ApiError:
    return ApiError(
        422,
        "entity_unprocessable",
        f"The repository {full_name} is not active: activate it first, with "
        f'PATCH /api/v1/repos/{full_name} and {{"active": true}}.',
    )


def _not_found(what: str) -> ApiError:
    return ApiError(404, "entity_not_found", f"{what}.")
