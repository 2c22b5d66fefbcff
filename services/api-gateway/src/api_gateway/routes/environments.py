"""Environments: what is live there, who is at work, who waits, who keeps others out."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.hold import hold_of
from api_gateway.read_model import EnvironmentQueries, Follower, Past
from api_gateway.read_model.documents import Document
from shared.contracts import AutoDeployResumeRequested, Repository
from shared.web import ApiError

from . import answers
from .answering import BASE, Wanted, answer, outcome
from .auth import person_of
from .commanding import command_id_of, command_in
from .lookup import Lookup, not_found, shown_repository
from .operation import Need, Operation, Option
from .queries import MomentQuery
from .reading import environment_of, wait_of
from .ruled import UNKNOWN, ruled
from .rules import RulesReader


class Environments:
    def __init__(
        self,
        gateway: Gateway,
        queries: EnvironmentQueries,
        past: Past,
        lookup: Lookup,
        follower: Follower,
        rules: RulesReader,
    ) -> None:
        self._gateway = gateway
        self._queries = queries
        self._past = past
        self._lookup = lookup
        self._follower = follower
        self._rules = rules

    async def list(self, request: web.Request) -> web.Response:
        """All environments: those of the rules, and what was deployed to or locked."""
        known = await self._lookup.repository_document(request)
        shown = await self._queries.environments(known["id"])
        return answer(ruled(shown, await self._rules.lately(known), self._now))

    async def show(self, request: web.Request, query: MomentQuery) -> web.Response:
        """How an environment stands, or stood at a time."""
        repository, shown = await self._environment(request)
        if query.at is not None:
            then = await self._past.environment(repository.id, shown, query.at)
            return answer(then | UNKNOWN)
        return answer(shown)

    async def queue(self, request: web.Request) -> web.Response:
        """Who waits in line."""
        _, shown = await self._environment(request)
        return answer(shown["queue"])

    async def resume(self, request: web.Request) -> web.Response:
        """Deploy pushes again, after a rollback."""
        repository, shown = await self._environment(request)
        hold = shown["hold"]
        if hold is None:
            text = f"No rollback keeps pushes out of {shown['name']}."
            raise ApiError(422, "entity_unprocessable", text)
        command = AutoDeployResumeRequested(
            command_id=command_id_of(request),
            repository=repository,
            requested_by=person_of(request),
            environment=hold["env"],
            requested_at=self._gateway.store.clock(),
            rollback_id=UUID(hold["uuid"]),
        )
        await self._gateway.resume(command)
        resumed = await self._resumed(command, wait_of(request))
        after = await self._queries.environment(repository.id, shown["name"])
        after = {**shown, **(after or {"hold": None})}
        return answer(after, 200 if resumed else 202)

    async def _resumed(self, command: AutoDeployResumeRequested, wait_s: float) -> bool:
        """Whether the hold has ended within the wait."""
        stream = hold_of(command.rollback_id)
        wanted = Wanted(
            stream=stream,
            read=partial(self._queries.hold, stream),
            shows=lambda hold: command_in(hold, command.command_id) is not None,
            settled=lambda hold: not hold["active"],
        )
        hold = await outcome(self._follower, wanted, wait_s)
        return hold is not None and not hold["active"]

    async def _environment(self, request: web.Request) -> tuple[Repository, Document]:
        env = environment_of(request)
        known = await self._lookup.repository_document(request)
        rules = await self._rules.lately(known)
        found = await self._queries.environment(known["id"], env)
        here = ruled([found] if found else [], rules, self._now)
        key = env.casefold()
        shown = next((each for each in here if each["name"].casefold() == key), None)
        if shown is None:
            raise not_found(f"There is no environment {env}")
        return shown_repository(known), shown

    @property
    def _now(self) -> datetime:
        return self._gateway.store.clock()

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        one = f"{BASE}/environments/{{env}}"
        return [
            Operation(
                "GET",
                f"{BASE}/environments",
                self.list,
                Need.READ,
                answers={200: list[answers.Environment]},
            ),
            Operation(
                "GET", one, self.show, Need.READ, answers={200: answers.Environment}
            ),
            Operation(
                "GET",
                f"{one}/queue",
                self.queue,
                Need.READ,
                answers={200: list[answers.Waiting]},
            ),
            Operation(
                "POST",
                f"{one}/resume",
                self.resume,
                Need.WRITE,
                answers={200: answers.Environment, 202: answers.Environment},
                errors=["entity_unprocessable"],
                options=[Option.WAIT],
            ),
        ]
