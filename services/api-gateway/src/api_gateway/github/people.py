"""What accounts ask GitHub: in people's names, and in Gitploy's about people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from api_gateway.accounts.ports import CodeRefusedError, Grant, Profile, Seen
from api_gateway.domain.access import Permission
from api_gateway.ports import (
    GitHubAwayError,
    PersonLimitedError,
    TokenRefusedError,
    TokenTooWeakError,
)
from shared.github import (
    Ambiguous,
    GitHubClient,
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubUnauthorized,
    RateLimited,
    Unreachable,
)
from shared.github import oauth as flow
from shared.github.people import OwnRepository, People, Permissions, Person

from .translation import lacking


class GitHubAccounts:
    """The port `GitHubPeople` over the shared clients."""

    def __init__(
        self,
        app: flow.OAuthApp,
        people: People,
        own: GitHubClient,
        scopes: Sequence[str],
    ) -> None:
        self._app = app
        self._people = people
        self._own = own
        self._scopes = scopes

    def sign_in_url(self, state: str, verifier: str, redirect_uri: str) -> str:
        return self._app.authorize_url(
            redirect_uri=redirect_uri,
            state=state,
            verifier=verifier,
            scopes=self._scopes,
        )

    async def trade(self, code: str, verifier: str, redirect_uri: str) -> Grant:
        told = await self._app.exchange(
            code, verifier=verifier, redirect_uri=redirect_uri
        )
        return _granted(told)

    async def refresh(self, refresh: str) -> Grant:
        return _granted(await self._app.refresh(refresh))

    async def profile(self, token: str) -> Profile:
        with _explained():
            return _profile(await self._people.user(token))

    async def organizations(self, token: str) -> Sequence[str]:
        with _explained():
            return [one.login for one in await self._people.organizations(token)]

    async def repositories(self, token: str) -> Sequence[Seen]:
        with _explained():
            return [_seen(one) for one in await self._people.repositories(token)]

    async def repository(self, token: str, repo: int | str) -> Seen | None:
        try:
            with _explained():
                return _seen(await self._people.repository(token, repo))
        except (_HiddenError, TokenTooWeakError):
            # An organization may also ask for a sign-in of its own first.
            return None

    async def collaboration(
        self, repo: int | str, login: str
    ) -> tuple[Profile, Seen] | None:
        try:
            with _explained(own=True):
                told = await self._own.get_collaboration(repo, login)
                found = await self._own.get_repository(repo)
        except (_HiddenError, TokenTooWeakError):
            return None
        who = told.user
        if who is None or who.id is None:
            return None
        # Here GitHub tells its finer roles, `maintain` and `triage`, in these words.
        known = {may.value: may for may in Permission}
        may = known.get(told.permission, _NONE)
        seen = Seen(found.id, found.full_name, may)
        return Profile(who.id, who.login), seen


_NONE = Permission.NONE


class _HiddenError(GitHubAwayError):
    """There is none, or it is not shown; of somebody themselves that says nothing."""


@contextmanager
def _explained(*, own: bool = False) -> Iterator[None]:
    """Why there is no answer."""
    try:
        yield
    except GitHubUnauthorized as error:
        raise TokenRefusedError(own=own) from error
    except GitHubForbidden as error:
        raise TokenTooWeakError(lacking(error)) from error
    except GitHubNotFound as error:
        raise _HiddenError(str(error)) from error
    except GitHubRateLimited as error:
        if own:
            raise GitHubAwayError(str(error)) from error
        raise PersonLimitedError(error.retry_at) from error
    except GitHubError as error:
        raise GitHubAwayError(str(error)) from error


def _granted(told: flow.TradeOutcome) -> Grant:
    match told:
        case flow.Grant():
            return Grant(told.access_token, told.refresh_token, told.expires_at)
        case flow.CodeRefused() | flow.RefreshRefused():
            raise CodeRefusedError(told.message)
        case flow.ClientRefused():
            text = f"GitHub does not take Gitploy as its application: {told.message}"
            raise GitHubAwayError(text)
        case Unreachable() | Ambiguous():
            raise GitHubAwayError(told.reason)
        case RateLimited():
            raise GitHubAwayError("GitHub wants to be left alone for a while")


def _profile(person: Person) -> Profile:
    return Profile(person.id, person.login, person.avatar_url)


def _seen(found: OwnRepository) -> Seen:
    may = _permission(found.permissions)
    return Seen(found.id, found.full_name, may, found.description)


def _permission(told: Permissions) -> Permission:
    for holds, permission in (
        (told.admin, Permission.ADMIN),
        (told.push, Permission.WRITE),
        (told.pull, Permission.READ),
    ):
        if holds:
            return permission
    return _NONE
