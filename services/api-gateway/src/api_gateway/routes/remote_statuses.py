"""Statuses that people, or tools without a token of GitHub's, post through Gitploy.

GitHub's webhook brings them back like every status of the tooling.
"""

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api_gateway.application import Gateway
from api_gateway.read_model import Follower, Queries, remote_status
from shared.contracts import RemoteStatusRequested
from shared.web import ApiError

from . import answers
from .answering import BASE, Wanted, answer, outcome
from .auth import person_of
from .bodies import Body
from .commanding import check_refusal, command_id_of, is_settled
from .errors import REFUSED
from .lookup import Lookup
from .operation import Need, Operation, Option
from .reading import wait_of
from .texts import Address, Prose

#: GitHub takes no more.
MAX_DESCRIPTION = 140


class RemoteStatusBody(Body):
    """What GitHub is to be told."""

    status: Literal[
        "error", "failure", "inactive", "in_progress", "queued", "pending", "success"
    ]
    description: Annotated[Prose, Field(max_length=MAX_DESCRIPTION)] | None = None
    log_url: Address | None = None
    environment_url: Address | None = None


class RemoteStatuses:
    def __init__(
        self, gateway: Gateway, queries: Queries, lookup: Lookup, follower: Follower
    ) -> None:
        self._gateway = gateway
        self._queries = queries
        self._lookup = lookup
        self._follower = follower

    async def create(
        self, request: web.Request, body: RemoteStatusBody
    ) -> web.Response:
        """Post a status to GitHub."""
        shown = await self._lookup.deployment(request)
        if not shown["uid"]:
            text = f"GitHub does not have deployment #{shown['number']} yet."
            raise ApiError(422, "entity_unprocessable", text)
        command = RemoteStatusRequested(
            command_id=command_id_of(request),
            repository=await self._lookup.repository(request),
            requested_by=person_of(request),
            deployment_id=UUID(shown["uuid"]),
            github_deployment_id=shown["uid"],
            state=body.status,
            description=body.description or "",
            log_url=body.log_url or "",
            environment_url=body.environment_url or "",
        )
        await self._gateway.post_status(command)
        return await self._answer(command, wait_of(request))

    async def _answer(
        self, command: RemoteStatusRequested, wait_s: float
    ) -> web.Response:
        id_ = command.command_id
        wanted = Wanted(
            stream=id_,
            read=partial(remote_status, self._queries, id_),
            shows=bool,
            settled=lambda shown: is_settled(shown, id_),
        )
        shown = await outcome(self._follower, wanted, wait_s)
        check_refusal(shown, id_)
        waiting = {"id": 0, "status": command.state, "commands": []}
        done = shown is not None and is_settled(shown, id_)
        return answer(shown or waiting, 201 if done else 202)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "POST",
                f"{BASE}/deployments/{{number}}/remote-statuses",
                self.create,
                Need.WRITE,
                answers={
                    201: answers.RemoteStatus,
                    202: answers.RemoteStatus | answers.RemoteStatusRecorded,
                },
                errors=["entity_unprocessable", *REFUSED],
                options=[Option.WAIT],
            )
        ]
