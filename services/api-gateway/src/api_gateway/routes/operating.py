"""Operators' exits: ask GitHub again, give a place back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.refusal import RefusedError
from api_gateway.read_model import Finding
from api_gateway.read_model.documents import Document
from shared.contracts import (
    DeployRequested,
    ForeignDeploymentSeen,
    Message,
    SyncRequested,
)
from shared.web import ApiError

from . import answers
from .answering import BASE, answer, refused
from .auth import person_of
from .bodies import ReleaseBody, SyncBody
from .lookup import Lookup
from .operation import Need, Operation, Option
from .reading import environment_of, wait_of


class Operating:
    def __init__(self, gateway: Gateway, finding: Finding, lookup: Lookup) -> None:
        self._gateway = gateway
        self._finding = finding
        self._lookup = lookup

    async def sync(self, request: web.Request, body: SyncBody) -> web.Response:
        """Have GitHub say once more all that it says about a deployment."""
        shown = await self._lookup.deployment(request)
        deployment_id = UUID(shown["uuid"])
        try:
            asked = await self._gateway.sync_deployment(
                deployment_id, person_of(request), body.reason
            )
        except RefusedError as error:
            raise refused(error.refusal) from error
        after = await self._lookup.outcome(
            deployment_id,
            lambda shown: _shows(shown, asked),
            _is_synced,
            wait_of(request),
        )
        done = after is not None and _is_synced(after)
        return answer(after or shown, 200 if done else 202)

    async def release(self, request: web.Request, body: ReleaseBody) -> web.Response:
        """Give an environment's place to who waits for it."""
        repository = await self._lookup.repository(request)
        environment = environment_of(request)
        placed = await self._finding.placed(repository.id, environment)
        known = [
            await self._gateway.release_slot(id_, person_of(request), body.reason)
            for id_ in placed
        ]
        released = [k.about.data for k in known if k and k.about]
        if not released:
            raise ApiError(
                422,
                "entity_unprocessable",
                f"No deployment has a place in {environment!r}: there is nothing to "
                "release.",
            )
        return answer({"released": [_named(about) for about in released]})

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "POST",
                f"{BASE}/deployments/{{number}}/sync",
                self.sync,
                Need.WRITE,
                answers={200: answers.Deployment, 202: answers.Deployment},
                errors=["deployment_status_invalid"],
                options=[Option.WAIT],
            ),
            Operation(
                "POST",
                f"{BASE}/environments/{{env}}/release",
                self.release,
                Need.ADMIN,
                answers={200: answers.Release},
                errors=["entity_unprocessable"],
            ),
        ]


def _named(about: DeployRequested | ForeignDeploymentSeen) -> Document:
    """What somebody else made has no number."""
    number = about.number if isinstance(about, DeployRequested) else None
    return {"number": number, "uuid": str(about.deployment_id)}


def _shows(shown: Document, asked: Message[SyncRequested]) -> bool:
    sync = shown["sync"]
    return bool(sync) and datetime.fromisoformat(sync["at"]) >= asked.time


def _is_synced(shown: Document) -> bool:
    return bool(shown["sync"]["answered"])
