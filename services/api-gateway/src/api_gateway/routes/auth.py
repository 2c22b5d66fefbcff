"""Who is asking: whoever has a session, a personal API token, or one of the settings.

Gitploy's clients send it as a bearer token or in the cookie `__sess__`. The token of
`GITPLOY_API_TOKEN` acts as user 0, `gitploy`, an administrator; those of
`GITPLOY_API_TOKENS` act as the people that are named with them. What somebody may do is
`admission`'s to say.
"""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler

from api_gateway.accounts import Accounts, Proof, digest
from api_gateway.domain.access import Scope
from api_gateway.ports import TokenTooWeakError
from api_gateway.settings import GITPLOY_ID, Settings
from shared.contracts import Person
from shared.web import ApiError

from .strangers import Strangers

COOKIE: Final = "__sess__"
SIGN_IN: Final = "/signin"
LINKS: Final = "/link/"
#: Where somebody has to be known.
GUARDED: Final = ("/api/", LINKS)


@dataclass(frozen=True)
class User:
    """Somebody who uses the API."""

    person: Person
    #: Administers Gitploy itself.
    admin: bool
    #: May do in every repository what is not for administrators, without GitHub's word.
    trusted: bool = True
    #: What the token is for at most.
    scope: Scope = Scope.ADMIN
    #: The only repository that it is for.
    repo_id: int | None = None
    #: Whether the browser has sent it by itself.
    by_cookie: bool = False
    #: When what they are proved by ends.
    until: datetime | None = None

    def ended(self, now: datetime) -> bool:
        """Whether they have to prove it anew."""
        return self.until is not None and self.until <= now


GITPLOY: Final = User(Person(id=GITPLOY_ID, login="gitploy"), admin=True)
USER = web.RequestKey("user", User)


def users_of(settings: Settings) -> Mapping[bytes, User]:
    """Everybody by the tokens of the settings."""
    people = {
        told.token.get_secret_value().encode(): User(
            Person(id=told.id, login=told.login),
            told.admin or settings.access.name_admin(told.login),
            trusted=not settings.signs_in,
        )
        for told in settings.api_tokens
    }
    return {settings.api_token.get_secret_value().encode(): GITPLOY, **people}


class Asking:
    """Finds out who it is."""

    def __init__(
        self, settings: Settings, accounts: Accounts, strangers: Strangers
    ) -> None:
        self._users = users_of(settings)
        self._by_id = {user.person.id: user for user in self._users.values()}
        self._accounts = accounts
        self._strangers = strangers
        self._trusts = not settings.signs_in
        self._where = (
            f", or sign in at {settings.public_url}{SIGN_IN}"
            if settings.signs_in
            else ""
        )

    @web.middleware
    async def identify(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        """Let only requests through of whom we know who asks."""
        if request.path.startswith(GUARDED):
            try:
                request[USER] = await self.who(request)
            except ApiError as error:
                if error.status == HTTPStatus.UNAUTHORIZED and self._leads(request):
                    to = quote(str(request.rel_url))
                    headers = {"Location": f"{SIGN_IN}?next={to}"}
                    return web.Response(status=HTTPStatus.FOUND, headers=headers)
                raise
        return await handler(request)

    async def who(self, request: web.Request) -> User:
        """Who is asking, now.

        Raises:
            ApiError: Nobody whom we know.
        """
        secret, by_cookie = given(request)
        known = self._of_settings(secret)
        if known is None:
            with self._strangers.trying(request, digest(secret)):
                known = await self._proved(secret)
        return replace(known, by_cookie=True) if by_cookie else known

    async def who_of(self, secrets: Collection[str]) -> Mapping[str, User]:
        """Who they are now that have proved it by these; who is not there has ended."""
        known = {s: user for s in secrets if (user := self._of_settings(s))}
        proofs = await self._accounts.prove_all(set(secrets) - known.keys())
        lasting = {s: p for s, p in proofs.items() if not p.account.refused_at}
        return known | {s: self._of(proof) for s, proof in lasting.items()}

    def sign_in_again(self) -> ApiError:
        """The answer to somebody whose token GitHub takes no more."""
        return self._unknown("GitHub lets Gitploy act no more in your name")

    def _leads(self, request: web.Request) -> bool:
        """Whether it is somebody who has followed a link in a browser: they sign in."""
        browses = "text/html" in request.headers.get("Accept", "")
        shows = "Authorization" in request.headers
        return (
            not self._trusts
            and browses
            and not shows
            and request.path.startswith(LINKS)
        )

    def _of_settings(self, secret: str) -> User | None:
        sent = secret.encode(errors="surrogateescape")
        # All are compared, so that the time tells nothing.
        users = self._users.items()
        found = [user for token, user in users if hmac.compare_digest(sent, token)]
        return found[0] if found else None

    async def _proved(self, secret: str) -> User:
        proof = await self._accounts.prove(secret) if secret else None
        if proof is None:
            raise self._unknown("The token is missing, wrong or has ended")
        return self._of(proof)

    def _of(self, proof: Proof) -> User:
        account = proof.account
        if account.refused_at:
            raise self.sign_in_again()
        named = self._by_id.get(account.id)
        return User(
            Person(id=account.id, login=account.login),
            admin=account.admin
            or self._accounts.rules.name_admin(account.login, account.id),
            trusted=self._trusts or named is GITPLOY,
            scope=proof.scope,
            repo_id=proof.repo_id,
            until=proof.until,
        )

    def _unknown(self, why: str) -> ApiError:
        text = f"{why}: send Authorization: Bearer <token>{self._where}."
        headers = {"WWW-Authenticate": "Bearer"}
        return ApiError(401, "unauthorized", text, headers=headers)


def too_weak(error: TokenTooWeakError) -> ApiError:
    """The answer to somebody whose token GitHub does not let ask about themselves."""
    text = (
        "GitHub does not tell Gitploy who you are, what you belong to or what you may "
        f"see: {str(error).rstrip('.')}. If an organization asks for its own single "
        "sign-on, go through that at GitHub first. If Gitploy lacks a scope, its "
        "operator names it in GITPLOY_GITHUB_SCOPES, or gives the GitHub App the "
        f"permission. Then sign in again at {SIGN_IN}."
    )
    return ApiError(403, "permission_required", text)


def user_of(request: web.Request) -> User:
    """Who is asking."""
    return request[USER]


def person_of(request: web.Request) -> Person:
    """Who is asking, as events name people."""
    return user_of(request).person


def given(request: web.Request) -> tuple[str, bool]:
    """What proves who is asking, and whether it is the cookie."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip(), False
    return request.cookies.get(COOKIE, ""), True
