"""Signing in with GitHub, and out.

`/signin` leads to GitHub and is where GitHub leads back to, as in Gitploy. What has to
be remembered meanwhile is in a cookie that only we can read: who did not begin here
can't end here, and a code is worth nothing without the verifier.
"""

import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from api_gateway.accounts import (
    CodeRefusedError,
    Grant,
    Membership,
    Profile,
    SigningIn,
    UnreadableError,
    new_secret,
)
from api_gateway.ports import GitHubAwayError, TokenRefusedError, TokenTooWeakError
from api_gateway.settings import Settings
from shared.contracts import Person
from shared.web import ApiError

from .admission import AGAIN
from .auth import COOKIE, too_weak
from .auth import SIGN_IN as PATH
from .operation import Need, Operation
from .pages import Page, explained
from .people_bodies import SignInQuery
from .requirements import forbidden
from .sites import Sites
from .strangers import Strangers

OUT: Final = "/signout"
#: Each sign-in has a cookie of its own, named with the beginning of its state: of two
#: tabs neither spoils the other's.
BEGUN: Final = "__signin__"
TAG: Final = re.compile(r"[A-Za-z0-9_-]{8}")
#: Nobody has more tabs at GitHub; a browser's cookies must fit into a header.
MOST_BEGUN: Final = 5
#: So long somebody may take at GitHub; a code lives as long.
BEGUN_S: Final = 600
#: A path of ours: a browser takes `//` and `/\` for another host.
LOCAL: Final = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1000}")
ELSEWHERE: Final = (
    "Another site's page wants to sign you out of Gitploy: do it here, if you want to."
)
NOT_A_MEMBER: Final = "You are not a member of an approved organization."

log = structlog.get_logger()


OUTSIDE: Final = Page("You are not signed in", PATH, "Sign in")
STILL_THERE: Final = Page("You are still signed in", OUT, "Sign out")


@dataclass(frozen=True)
class Begun:
    """What is remembered until GitHub leads back."""

    state: str
    verifier: str
    #: Where to go then.
    to: str


class SignIn:
    def __init__(self, settings: Settings, membership: Membership) -> None:
        self._settings = settings
        self._accounts = membership.accounts
        self._github = membership.with_github
        self._secure = settings.secure
        self._sites = Sites(settings.public_url)
        self._callback = f"{settings.public_url}{PATH}"
        # Others than those with wrong tokens: who shares an address may sign in.
        self._strangers = Strangers(settings)

    async def sign_in(
        self, request: web.Request, query: SignInQuery
    ) -> web.StreamResponse:
        """Sign in with GitHub.

        Leads to GitHub, which leads back here with a `code` and the `state`.
        """
        if self._github is None:
            text = "Nobody signs in here: GITPLOY_GITHUB_CLIENT_ID is not set."
            return explained(request, ApiError(404, "entity_not_found", text), OUTSIDE)
        if query.code is None and query.error is None:
            return self._begin(request, query, self._github)
        try:
            with self._strangers.trying(request):
                response = await self._end(request, query, self._github)
        except ApiError as error:
            response = explained(request, error, OUTSIDE)
        response.del_cookie(_cookie_of(query.state or ""), path=PATH)
        return response

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session.

        Not so if the browser says that another site's page wants that.
        """
        if self._sites.are_ours(request) is False:
            return explained(request, forbidden(ELSEWHERE), STILL_THERE)
        if secret := request.cookies.get(COOKIE):
            self._strangers.check(request)
            if not await self._accounts.sign_out(secret):
                self._strangers.count(request)
        response = web.Response(status=302, headers={"Location": "/"})
        response.del_cookie(COOKIE, path="/")
        return response

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        leaving = partial(
            Operation,
            path=OUT,
            handler=self.sign_out,
            needs=Need.NOBODY,
            answers={302: None},
            errors=["permission_required"],
        )
        return [
            Operation(
                "GET",
                PATH,
                self.sign_in,
                Need.NOBODY,
                answers={302: None},
                errors=[
                    "parameter_invalid",
                    "unauthorized",
                    "permission_required",
                    "entity_not_found",
                    "internal_error",
                ],
            ),
            leaving("GET"),
            leaving("POST"),
        ]

    def _begin(
        self, request: web.Request, query: SignInQuery, github: SigningIn
    ) -> web.Response:
        to = query.next or "/"
        begun = Begun(new_secret(), new_secret(), to if LOCAL.fullmatch(to) else "/")
        url = github.github.sign_in_url(begun.state, begun.verifier, self._callback)
        response = web.Response(status=302, headers={"Location": url})
        closed = github.keys.close(json.dumps(asdict(begun)))
        others = [name for name in request.cookies if name.startswith(BEGUN)]
        if len(others) >= MOST_BEGUN:
            for name in others:
                response.del_cookie(_cookie_of(name.removeprefix(BEGUN)), path=PATH)
        self._set(response, _cookie_of(begun.state), closed, BEGUN_S, PATH)
        return response

    async def _end(
        self, request: web.Request, query: SignInQuery, github: SigningIn
    ) -> web.Response:
        begun = self._begun(request, query.state or "", github)
        if query.code is None or query.error is not None:
            why = query.error_description or query.error
            raise ApiError(401, "unauthorized", f"GitHub did not sign you in: {why}")
        try:
            grant = await github.github.trade(
                query.code, begun.verifier, self._callback
            )
            who = await self._admitted(github, grant)
        except CodeRefusedError as error:
            text = f"GitHub did not sign you in: {error} Begin again at {PATH}."
            raise ApiError(401, "unauthorized", text) from error
        except TokenTooWeakError as error:
            raise too_weak(error) from error
        except (GitHubAwayError, TokenRefusedError) as error:
            text = f"GitHub can't be asked who you are now: {error}. Try again."
            raise ApiError(503, "internal_error", text, headers=AGAIN) from error
        before = request.cookies.get(COOKIE, "")
        closed = github.tokens.closed(grant)
        secret = await self._accounts.sign_in(who, closed, before)
        github.syncing.soon(Person(id=who.id, login=who.login))
        response = web.Response(status=302, headers={"Location": begun.to})
        life = int(self._settings.session_life_s)
        self._set(response, COOKIE, secret, life, "/")
        return response

    def _begun(self, request: web.Request, state: str, github: SigningIn) -> Begun:
        """What was remembered of this sign-in.

        Raises:
            ApiError: It was not begun here.
        """
        kept = request.cookies.get(_cookie_of(state), "")
        try:
            begun = Begun(**json.loads(github.keys.open(kept, BEGUN_S)))
        except UnreadableError:
            begun = None
        sent = state.encode(errors="surrogateescape")
        if begun is None or not hmac.compare_digest(sent, begun.state.encode()):
            text = (
                "This sign-in was not begun in this browser, or too long ago: "
                f"begin again at {PATH}."
            )
            raise ApiError(400, "parameter_invalid", text)
        return begun

    async def _admitted(self, github: SigningIn, grant: Grant) -> Profile:
        """Who it is, if they may come in.

        Raises:
            ApiError: They may not.
        """
        who = await github.github.profile(grant.token)
        if not await github.access.admits(who, grant.token):
            await self._accounts.refuse_sign_in(who, NOT_A_MEMBER)
            log.warning("sign_in_refused", login=who.login, user_id=who.id)
            text = f"{NOT_A_MEMBER} You are {who.login} at GitHub."
            raise ApiError(401, "unauthorized", text)
        return who

    def _set(
        self, response: web.Response, name: str, value: str, life_s: int, path: str
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=life_s,
            path=path,
            httponly=True,
            secure=self._secure,
            samesite="Lax",
        )


def _cookie_of(state: str) -> str:
    """What remembers the sign-in of that state; whatever else somebody says, none."""
    tag = TAG.match(state)
    return BEGUN + tag[0] if tag else BEGUN
