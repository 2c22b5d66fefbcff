"""Personal API tokens: what programs prove with that they act for somebody."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.accounts import Accounts
from api_gateway.domain.access import Permission, Scope
from shared.contracts import Repository
from shared.store import Clock
from shared.web import ApiError

from . import answers
from .admission import Admission
from .answering import answer
from .auth import person_of, user_of
from .lookup import not_found
from .operation import Need, Operation
from .people import token_document
from .people_bodies import TokenBody
from .reading import id_of, invalid

TOKENS = "/api/v1/user/tokens"
#: Nobody reads more of them.
MOST = 100


class Tokens:
    def __init__(self, accounts: Accounts, admission: Admission, clock: Clock) -> None:
        self._accounts = accounts
        self._admission = admission
        self._clock = clock

    async def list(self, request: web.Request) -> web.Response:
        """Your tokens, without themselves."""
        known = await self._accounts.tokens(person_of(request))
        return answer([token_document(one) for one in known])

    async def make(self, request: web.Request, body: TokenBody) -> web.Response:
        """Make a token, which is shown this once."""
        who = person_of(request)
        if body.expires_at and body.expires_at <= self._clock():
            raise invalid("expires_at", "that time is over")
        if len(await self._accounts.tokens(who)) >= MOST:
            text = f"You have {MOST} tokens: revoke those that you don't need."
            raise ApiError(422, "entity_unprocessable", text)
        repository = await self._repository(request, body.repository)
        scope = Scope.named(body.scope)
        secret, made = await self._accounts.make_token(
            who, body.name, scope, repository, body.expires_at
        )
        headers = {"Cache-Control": "no-store"}
        return answer(token_document(made) | {"token": secret}, 201, headers)

    async def revoke(self, request: web.Request) -> web.Response:
        """End a token."""
        token_id = id_of(request)
        if not await self._accounts.revoke_token(person_of(request), token_id):
            raise not_found(f"You have no token {token_id}")
        return web.Response()

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                TOKENS,
                self.list,
                Need.USER,
                answers={200: list[answers.Token]},
            ),
            Operation(
                "POST",
                TOKENS,
                self.make,
                Need.UNLIMITED,
                answers={201: answers.NewToken},
                errors=[
                    "entity_not_found",
                    "entity_unprocessable",
                    "internal_error",
                ],
                shows_once=True,
            ),
            Operation(
                "DELETE",
                f"{TOKENS}/{{id}}",
                self.revoke,
                Need.UNLIMITED,
                answers={200: None},
                errors=["entity_not_found"],
            ),
        ]

    async def _repository(
        self, request: web.Request, full_name: str | None
    ) -> Repository | None:
        if full_name is None:
            return None
        user = user_of(request)
        found, may = await self._admission.found(user, full_name)
        if found is None or may is Permission.NONE:
            raise not_found(f"Gitploy does not know the repository {full_name}")
        return found
