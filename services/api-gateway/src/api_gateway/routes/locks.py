"""Locks: who keeps others from deploying to an environment, why, and until when.

A command is recorded, then answered with its outcome if the verifier tells that within
the wait. A lock is always looked up in the repository of the path.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from types import NoneType
from uuid import UUID, uuid4

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.lock import LockChange, LockState
from api_gateway.read_model import Follower, LockQueries, Queries
from api_gateway.read_model.documents import Document
from shared.contracts import LockRequested, Repository, UnlockRequested
from shared.web import ApiError

from . import answers
from .answering import BASE, Wanted, answer, outcome
from .auth import person_of
from .commanding import check_refusal, command_id_of, command_in, is_settled
from .lock_bodies import LockBody, LockChangeBody, TakeOverBody
from .lookup import Lookup, not_found
from .operation import Need, Operation, Option
from .paging import listed
from .queries import LocksQuery
from .reading import id_of, invalid, wait_of
from .rules import RulesReader

#: What is answered to who locks.
LOCKED = {201: answers.Lock, 202: answers.Lock | answers.LockRecorded}


class Locks:
    def __init__(
        self,
        gateway: Gateway,
        queries: Queries,
        lookup: Lookup,
        follower: Follower,
        rules: RulesReader,
    ) -> None:
        self._gateway = gateway
        self._rules = rules
        self._locks = LockQueries(queries)
        self._lookup = lookup
        self._follower = follower

    async def list(self, request: web.Request, query: LocksQuery) -> web.Response:
        """The locks that are in force, or all that ever were."""
        repository = await self._lookup.repository(request)
        wanted = repository.id, query.env
        if query.history:
            found = await self._locks.history(*wanted, query.wanted)
            return listed(request, query.wanted, found)
        return answer(await self._locks.in_force(*wanted))

    async def show(self, request: web.Request) -> web.Response:
        """A lock, also when it has ended or is still asked for."""
        _, shown = await self._lock(request)
        return answer(shown)

    async def create(self, request: web.Request, body: LockBody) -> web.Response:
        """Lock an environment."""
        repository = await self._lookup.repository(request)
        env = await self._written(request, body.env)
        return await self._create(request, repository, env, body)

    async def take_over(self, request: web.Request, body: TakeOverBody) -> web.Response:
        """Put a lock of one's own in the place of another's."""
        repository, shown = await self._in_force(request)
        if "reason" not in body.model_fields_set:
            body = body.model_copy(update={"reason": shown["reason"]})
        return await self._create(
            request, repository, shown["env"], body, take_over=True
        )

    async def change(self, request: web.Request, body: LockChangeBody) -> web.Response:
        """Change why an environment is locked, or until when."""
        _, shown = await self._in_force(request)
        if not body.model_fields_set:
            return answer(shown)
        self._check(body.expired_at)
        change = LockChange(
            command_id=uuid4(),
            by=person_of(request),
            at=self._gateway.store.clock(),
            reason=body.reason,
            sets_end="expired_at" in body.model_fields_set,
            expires_at=body.expired_at,
        )
        lock_id = UUID(shown["uuid"])
        await self._gateway.change_lock(lock_id, change)
        after = await self._outcome(request, lock_id, change.command_id)
        done = after and is_settled(after, change.command_id)
        return answer(after or shown, 200 if done else 202)

    async def delete(self, request: web.Request) -> web.Response:
        """Unlock an environment."""
        repository, shown = await self._in_force(request)
        command = UnlockRequested(
            command_id=uuid4(),
            repository=repository,
            requested_by=person_of(request),
            environment=shown["env"],
            requested_at=self._gateway.store.clock(),
            lock_id=UUID(shown["uuid"]),
        )
        await self._gateway.command_lock(command)
        after = await self._outcome(request, command.lock_id, command.command_id)
        if after and is_settled(after, command.command_id):
            return answer(None)
        return answer(after or shown, 202)

    async def _create(
        self,
        request: web.Request,
        repository: Repository,
        env: str,
        body: TakeOverBody,
        *,
        take_over: bool = False,
    ) -> web.Response:
        self._check(body.expired_at)
        lock_id = command_id_of(request)
        command = LockRequested(
            command_id=lock_id,
            lock_id=lock_id,
            repository=repository,
            requested_by=person_of(request),
            environment=env,
            requested_at=self._gateway.store.clock(),
            reason=body.reason,
            expires_at=body.expired_at,
            take_over=take_over,
        )
        await self._gateway.command_lock(command)
        shown = await self._outcome(request, lock_id, lock_id)
        if shown is None:
            waiting = {"uuid": str(lock_id), "state": LockState.REQUESTED.value}
            return answer(waiting, 202)
        url = f"/api/v1/repos/{repository.full_name}/locks/{shown['id']}"
        status = 201 if is_settled(shown, lock_id) else 202
        return answer(shown, status, {"Location": url})

    async def _written(self, request: web.Request, env: str) -> str:
        """The environment as the rules write it, which clients compare.

        Raises:
            ApiError: They define none. Who mistypes a name would lock nothing, and not
                notice.
        """
        known = await self._lookup.repository_document(request)
        rules = await self._rules.lately(known)
        if rules is None:
            return env
        defined = rules.envs
        for name in defined:
            if name.casefold() == env.casefold():
                return name
        names = ", ".join(sorted(defined)) or "none"
        text = f"{known['config_path']} defines no environment {env!r}, but: {names}."
        raise ApiError(422, "config_undefined_env", text)

    def _check(self, expires_at: datetime | None) -> None:
        if expires_at and expires_at <= self._gateway.store.clock():
            raise invalid("expired_at", "that time is over")

    async def _lock(self, request: web.Request) -> tuple[Repository, Document]:
        id_ = id_of(request)
        repository = await self._lookup.repository(request)
        shown = await self._locks.lock(repository.id, id_)
        if shown is None:
            raise not_found(f"{repository.full_name} has no lock {id_}")
        return repository, shown

    async def _in_force(self, request: web.Request) -> tuple[Repository, Document]:
        repository, shown = await self._lock(request)
        if shown["state"] != LockState.LOCKED:
            what = f"Lock {shown['id']} is not in force: it is {shown['state']}"
            raise not_found(what)
        return repository, shown

    async def _outcome(
        self, request: web.Request, lock_id: UUID, command_id: UUID
    ) -> Document | None:
        """The lock once the command is answered.

        Raises:
            ApiError: It was refused.
        """
        wanted = Wanted(
            stream=lock_id,
            read=partial(self._locks.lock_by_uuid, lock_id),
            shows=lambda shown: command_in(shown, command_id) is not None,
            settled=lambda shown: is_settled(shown, command_id),
        )
        shown = await outcome(self._follower, wanted, wait_of(request))
        check_refusal(shown, command_id)
        return shown

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        one = f"{BASE}/locks/{{id}}"
        command = partial(Operation, needs=Need.WRITE, options=[Option.WAIT])
        return [
            Operation(
                "GET",
                f"{BASE}/locks",
                self.list,
                Need.READ,
                answers={200: list[answers.Lock]},
            ),
            Operation("GET", one, self.show, Need.READ, answers={200: answers.Lock}),
            command(
                "POST",
                f"{BASE}/locks",
                self.create,
                answers=LOCKED,
                errors=["config_undefined_env", "lock_already_exist"],
            ),
            command(
                "PATCH",
                one,
                self.change,
                answers={200: answers.Lock, 202: answers.Lock},
            ),
            command(
                "DELETE", one, self.delete, answers={200: NoneType, 202: answers.Lock}
            ),
            command(
                "POST",
                f"{one}/take-over",
                self.take_over,
                answers=LOCKED,
                errors=["lock_already_exist"],
            ),
        ]
