"""Who is asking: shown to themselves, and what they may see asked for again."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.accounts import Membership, csrf_token
from api_gateway.read_model.documents import user_document

from . import answers
from .admission import UNANSWERED, Admission
from .answering import answer
from .auth import given, user_of
from .operation import Need, Operation
from .people import account_document


class Myself:
    def __init__(self, membership: Membership, admission: Admission) -> None:
        self._accounts = membership.accounts
        self._github = membership.with_github
        self._admission = admission

    async def show(self, request: web.Request) -> web.Response:
        """Who is asking."""
        user, rules = user_of(request), self._accounts.rules
        known = await self._accounts.directory.account(user.person.id)
        shown = account_document(known, rules) if known else user_document(user.person)
        proved = {"admin": user.admin, "hash": ""}
        if user.by_cookie:
            proved["csrf_token"] = csrf_token(given(request)[0])
        return answer(shown | proved)

    async def sync(self, request: web.Request) -> web.Response:
        """Ask GitHub for all that somebody may see."""
        user = user_of(request)
        if self._github and not user.trusted:
            try:
                await self._github.syncing.sync(user.person)
            except UNANSWERED as error:
                raise self._admission.unanswered(error) from error
        return web.Response()

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        return [
            Operation(
                "GET",
                "/api/v1/user",
                self.show,
                Need.USER,
                answers={200: answers.Myself},
            ),
            Operation(
                "POST",
                "/api/v1/sync",
                self.sync,
                Need.USER,
                answers={200: None},
                errors=["internal_error"],
            ),
        ]
