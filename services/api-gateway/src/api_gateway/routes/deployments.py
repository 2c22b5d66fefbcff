"""Deployments: ask for one, look at them, stop one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.phase import Phase
from api_gateway.read_model import Queries, history
from api_gateway.read_model.documents import Document
from shared.web import ApiError

from . import answers
from .answering import BASE, answer
from .auth import person_of
from .bodies import CancelBody, DeployBody
from .intake import Intake, asking
from .lookup import Lookup, not_found
from .operation import Need, Operation, Option
from .paging import listed
from .queries import DeploymentsQuery, MomentQuery
from .reading import wait_of


class Deployments:
    def __init__(
        self, gateway: Gateway, queries: Queries, lookup: Lookup, intake: Intake
    ) -> None:
        self._gateway = gateway
        self._queries = queries
        self._lookup = lookup
        self._intake = intake

    async def create(self, request: web.Request, body: DeployBody) -> web.Response:
        """Ask for a deployment."""
        repository = await self._lookup.repository(request)
        return await self._intake.take(request, repository, body.wanted)

    async def list(self, request: web.Request, query: DeploymentsQuery) -> web.Response:
        """All of a repository, the newest first."""
        repository = await self._lookup.repository(request)
        found = await self._queries.deployments(
            repository.id, query.env, query.status, query.wanted
        )
        return listed(request, query.wanted, found)

    async def show(self, request: web.Request, query: MomentQuery) -> web.Response:
        """A deployment, now or as it was at a time."""
        shown = await self._lookup.deployment(request)
        return answer(shown if query.at is None else await self._as_of(shown, query.at))

    async def statuses(self, request: web.Request) -> web.Response:
        """What GitHub has told about a deployment."""
        shown = await self._lookup.deployment(request)
        return answer(shown["edges"]["deployment_statuses"])

    async def events(self, request: web.Request) -> web.Response:
        """Everything that was said about a deployment."""
        shown = await self._lookup.deployment(request)
        return answer(history.events(await self._messages(shown)))

    async def cancel(self, request: web.Request, body: CancelBody) -> web.Response:
        """Stop a deployment, wherever it stands."""
        shown = await self._lookup.deployment(request)
        deployment_id = UUID(shown["uuid"])
        known = await self._gateway.cancel_deployment(
            deployment_id, person_of(request), body.reason
        )
        if known.cancel is None:
            raise ApiError(
                422,
                "deployment_status_invalid",
                f"Deployment #{shown['number']} has ended: {known.phase.value}.",
            )
        after = await self._lookup.outcome(
            deployment_id, _stopping, _ended, wait_of(request)
        )
        return answer(after or shown, 200 if after and _ended(after) else 202)

    async def _messages(self, shown: Document) -> history.Messages:
        return await self._gateway.deployments.messages(UUID(shown["uuid"]))

    async def _as_of(self, shown: Document, at: datetime) -> Document:
        messages = await self._messages(shown)
        then = history.as_of(shown, messages, at, self._gateway.limits)
        if then is None:
            raise not_found(f"Nobody had asked for #{shown['number']} then")
        return then

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        one = f"{BASE}/deployments/{{number}}"
        return [
            asking(f"{BASE}/deployments", self.create),
            Operation(
                "GET",
                f"{BASE}/deployments",
                self.list,
                Need.READ,
                answers={200: list[answers.Deployment]},
            ),
            Operation(
                "GET", one, self.show, Need.READ, answers={200: answers.Deployment}
            ),
            Operation(
                "GET",
                f"{one}/statuses",
                self.statuses,
                Need.READ,
                answers={200: list[answers.Status]},
            ),
            Operation(
                "GET",
                f"{one}/events",
                self.events,
                Need.READ,
                answers={200: list[answers.Event]},
            ),
            Operation(
                "POST",
                f"{one}/cancel",
                self.cancel,
                Need.WRITE,
                answers={200: answers.Deployment, 202: answers.Deployment},
                errors=["deployment_status_invalid"],
                options=[Option.WAIT],
            ),
        ]


def _ended(shown: Document) -> bool:
    return Phase(shown["phase"]).ended


def _stopping(shown: Document) -> bool:
    return _ended(shown) or shown["phase"] == Phase.CANCELING
