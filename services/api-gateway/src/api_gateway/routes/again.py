"""Deploying once more: the same, what was there before, or what is live elsewhere."""

from collections.abc import Sequence
from uuid import UUID

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.again import (
    Terms,
    promoted_again,
    promotion_of,
    retry_of,
    rollback_to,
)
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.refusal import Refusal
from api_gateway.domain.requests import Wanted
from api_gateway.read_model import Finding
from shared.web import ApiError

from .answering import BASE, refused
from .bodies import Asking, PromoteBody, RetryBody, RollbackBody
from .intake import Intake, asking
from .lookup import Lookup
from .operation import Operation
from .reading import environment_of, invalid


class Again:
    def __init__(
        self, gateway: Gateway, finding: Finding, lookup: Lookup, intake: Intake
    ) -> None:
        self._gateway = gateway
        self._finding = finding
        self._lookup = lookup
        self._intake = intake

    async def retry(self, request: web.Request, body: RetryBody) -> web.Response:
        """Deploy the same commit there once more."""
        known = await self._known(request)
        wanted = retry_of(known, _terms(body), wait_for_checks=body.wait_for_checks)
        return await self._take(request, wanted)

    async def rollback(self, request: web.Request, body: RollbackBody) -> web.Response:
        """Go back to what has succeeded there."""
        known = await self._known(request)
        wanted = rollback_to(known, _terms(body), take_over=body.take_over)
        return await self._take(request, wanted)

    async def promote(self, request: web.Request, body: PromoteBody) -> web.Response:
        """Deploy what is live in another environment."""
        repository = await self._lookup.repository(request)
        environment = environment_of(request)
        if body.from_.casefold() == environment.casefold():
            raise invalid("from", "it is the environment that is deployed to")
        if before := await self._intake.recorded(request, repository):
            again = promoted_again(Wanted.by(before), environment, _terms(body))
            return await self._take(request, again)
        live = await self._finding.live(repository.id, body.from_)
        if live is None:
            raise ApiError(
                422,
                "entity_unprocessable",
                f"Nothing is live in {body.from_!r}: deploy there first.",
            )
        known = await self._gateway.deployments.get(live)
        return await self._take(request, promotion_of(known, environment, _terms(body)))

    async def _known(self, request: web.Request) -> Deployment:
        shown = await self._lookup.deployment(request)
        return await self._gateway.deployments.get(UUID(shown["uuid"]))

    async def _take(
        self, request: web.Request, wanted: Wanted | Refusal
    ) -> web.Response:
        if isinstance(wanted, Refusal):
            raise refused(wanted)
        repository = await self._lookup.repository(request)
        return await self._intake.take(request, repository, wanted)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        one = f"{BASE}/deployments/{{number}}"
        elsewhere = f"{BASE}/environments/{{env}}/promote"
        return [
            asking(f"{one}/retry", self.retry, "deployment_status_invalid"),
            asking(f"{one}/rollback", self.rollback, "deployment_status_invalid"),
            asking(elsewhere, self.promote),
        ]


def _terms(body: Asking) -> Terms:
    return Terms(expected_sha=body.expected_sha, override=body.overridden)
