"""Everybody whom Gitploy knows; who administers it; who may do what somewhere."""

from collections.abc import Sequence

from aiohttp import web

from api_gateway.accounts import Account, Accounts, Page
from api_gateway.read_model.documents import Document
from shared.web import ApiError

from . import answers
from .answering import BASE, answer
from .auth import person_of
from .lookup import Lookup, not_found
from .operation import Need, Operation
from .paging import paged
from .people import account_document, permission_document
from .people_bodies import PeopleQuery, UserBody
from .reading import id_of

USERS = "/api/v1/users"


class Users:
    def __init__(self, accounts: Accounts, lookup: Lookup) -> None:
        self._accounts = accounts
        self._directory = accounts.directory
        self._lookup = lookup

    async def list(self, request: web.Request, query: PeopleQuery) -> web.Response:
        """All users, by login."""
        known = await self._directory.users(query.q or "", _page(query))
        rules = self._accounts.rules
        return _listed(request, query, [account_document(o, rules) for o in known])

    async def change(self, request: web.Request, body: UserBody) -> web.Response:
        """Make somebody an administrator, or no more."""
        user_id = id_of(request)
        known = await self._directory.account(user_id)
        if known and body.admin is False:
            self._check(known)
        if known and body.admin is not None:
            await self._accounts.change_admin(person_of(request), user_id, body.admin)
            known = await self._directory.account(user_id)
        if known is None:
            raise not_found(f"Gitploy knows no user {user_id}")
        return answer(account_document(known, self._accounts.rules))

    async def delete(self, request: web.Request) -> web.Response:
        """Forget somebody, with their sessions, tokens and permissions.

        What they did stays in the history, with their name.
        """
        user_id = id_of(request)
        if not await self._accounts.delete_user(person_of(request), user_id):
            raise not_found(f"Gitploy knows no user {user_id}")
        return web.Response()

    async def permissions(
        self, request: web.Request, query: PeopleQuery
    ) -> web.Response:
        """Who may do what in a repository, as far as they were here."""
        shown = await self._lookup.repository_document(request)
        found = await self._directory.permissions_on(
            shown["id"], query.q or "", _page(query)
        )
        rules = self._accounts.rules
        documents = [permission_document(one, rules, shown) for one in found]
        return _listed(request, query, documents)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        one = f"{USERS}/{{id}}"
        return [
            Operation(
                "GET",
                USERS,
                self.list,
                Need.SYSTEM_ADMIN,
                answers={200: list[answers.User]},
            ),
            Operation(
                "PATCH",
                one,
                self.change,
                Need.SYSTEM_ADMIN,
                answers={200: answers.User},
                errors=["entity_not_found", "entity_unprocessable"],
            ),
            Operation(
                "DELETE",
                one,
                self.delete,
                Need.SYSTEM_ADMIN,
                answers={200: None},
                errors=["entity_not_found"],
            ),
            Operation(
                "GET",
                f"{BASE}/perms",
                self.permissions,
                Need.READ,
                answers={200: list[answers.Permission]},
            ),
        ]

    def _check(self, known: Account) -> None:
        if self._accounts.rules.name_admin(known.login, known.id):
            text = (
                f"The settings make {known.login} an administrator: change "
                "GITPLOY_ADMIN_USERS or GITPLOY_API_TOKENS."
            )
            raise ApiError(422, "entity_unprocessable", text)


def _page(query: PeopleQuery) -> Page:
    return Page(number=query.page, size=query.per_page)


def _listed(
    request: web.Request, query: PeopleQuery, found: Sequence[Document]
) -> web.Response:
    """What was found is one more than the page, if there is a next one."""
    size = query.per_page
    return paged(request, query.wanted, found[:size], more=len(found) > size)
