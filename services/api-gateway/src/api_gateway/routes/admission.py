"""Whether somebody may do what they ask for: the one place where that is decided.

A repository in which somebody may do nothing is answered like one that is not there.
Within it everything is looked up by its number, never by an id alone.
"""

import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final

from aiohttp import web

from api_gateway.accounts import Membership, csrf_token
from api_gateway.domain.access import Permission
from api_gateway.ports import (
    GitHubAwayError,
    LookedUpTooMuchError,
    TokenRefusedError,
    TokenTooWeakError,
)
from shared.contracts import Repository, RepositoryNameTaken
from shared.web import ApiError

from .auth import Asking, User, given, too_weak, user_of
from .lookup import MEANT, Lookup
from .operation import Need, Operation
from .reading import full_name_of
from .requirements import (
    MAY,
    PERMISSIONS,
    check_permission,
    check_scope,
    everywhere,
    forbidden,
    not_admin,
)
from .sites import Sites

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF: Final = "X-CSRF-Token"
#: Why there is no answer to what somebody may do.
UNANSWERED: Final = (GitHubAwayError, TokenRefusedError, TokenTooWeakError)
AGAIN: Final = {"Retry-After": "5"}

Visible = Callable[[web.Request], Awaitable[frozenset[int] | None]]


class Admission:
    """Lets somebody in, or says why not.

    Args:
        asking: Who it is.
        lookup: What a path names.
        membership: What knows people, and what GitHub says of them.
        public_url: Where browsers find us.
        hint: Says that what we call so is called otherwise by now.
    """

    def __init__(
        self,
        asking: Asking,
        lookup: Lookup,
        membership: Membership,
        public_url: str,
        hint: Callable[[RepositoryNameTaken], Awaitable[None]],
    ) -> None:
        self._asking = asking
        self._lookup = lookup
        self._accounts = membership.accounts
        self._directory = membership.accounts.directory
        self._github = membership.with_github
        self._sites = Sites(public_url)
        self._hint = hint

    def route(self, operation: Operation) -> web.RouteDef:
        """The operation as a route that lets only those in who may do it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            if operation.needs is not Need.NOBODY:
                await self._check(request, operation.needs)
            return await operation.answer(request)

        return web.route(operation.method, operation.path, handle)

    async def readable(self, request: web.Request) -> frozenset[int] | None:
        """The repositories that somebody may see; none: all.

        Raises:
            ApiError: Nobody can tell now.
        """
        return await self._readable_by(user_of(request))

    async def readable_now(self, request: web.Request) -> frozenset[int] | None:
        """The same of a request that lasts: whoever it is may have signed out."""
        return await self._readable_by(await self._asking.who(request))

    async def listening(self, secrets: Collection[str]) -> Mapping[str, User]:
        """Who they are that listen, by what proves it; who is not there has ended."""
        return await self._asking.who_of(secrets)

    async def readers(
        self, repo_ids: Collection[int], users: Collection[User]
    ) -> Mapping[int, Collection[int]]:
        """Who of these may read which of these repositories, by GitHub's word."""
        people = {user.person.id for user in users if not self._free(user)}
        if not people or self._github is None:
            return dict.fromkeys(repo_ids, ())
        return await self._github.access.readers(repo_ids, people)

    def may_read(
        self, user: User, repo_id: int | None, readers: Mapping[int, Collection[int]]
    ) -> bool:
        """Whether somebody may read a repository, whose readers these are."""
        if user.repo_id not in {None, repo_id}:
            return False
        if self._free(user):
            return True
        return repo_id is not None and user.person.id in readers[repo_id]

    def _free(self, user: User) -> bool:
        """Whether nobody has to be asked what they may read."""
        return user.trusted or self._github is None

    @property
    def generation(self) -> int:
        """Changes whenever something does that counts here."""
        of_github = self._github.access.generation if self._github else 0
        return self._accounts.generation + of_github

    async def _readable_by(self, user: User) -> frozenset[int] | None:
        only = None if user.repo_id is None else frozenset({user.repo_id})
        if self._github is None or self._free(user):
            return only
        try:
            await self._github.syncing.fresh(user.person)
        except UNANSWERED as error:
            raise self.unanswered(error) from error
        ids = frozenset(await self._github.access.readable(user.person))
        return ids if only is None else ids & only

    async def found(
        self, user: User, full_name: str
    ) -> tuple[Repository | None, Permission]:
        """A repository by its name, and what somebody may do there.

        Raises:
            ApiError: Nobody can tell now.
        """
        ours = await self._lookup.named(full_name)
        told = await self._directory.repository(full_name)
        seen = Repository(id=told.id, full_name=told.full_name) if told else None
        # The name may be another's by now, of which only whoever sees that one knows.
        meant = {one.id: one for one in (ours, seen) if one}
        for repository in meant.values():
            may = await self._permission(user, repository)
            if may is not Permission.NONE:
                return repository, may
        if user.repo_id is not None:
            return None, Permission.NONE
        if user.trusted or self._github is None:
            return None, everywhere(user)
        return await self._found_at_github(user, full_name, ours)

    async def _found_at_github(
        self, user: User, full_name: str, ours: Repository | None
    ) -> tuple[Repository | None, Permission]:
        """What GitHub shows somebody by that name; ours is another, or none."""
        if self._github is None:
            return None, Permission.NONE
        try:
            seen = await self._github.access.permission_by_name(user.person, full_name)
        except (*UNANSWERED, TimeoutError) as error:
            raise self.unanswered(error) from error
        if seen is None:
            return None, Permission.NONE
        if ours and ours.id != seen.id:
            await self._hint(RepositoryNameTaken(repository=ours))
        return Repository(id=seen.id, full_name=seen.full_name), seen.permission

    async def check(
        self, request: web.Request, repository: Repository, needs: Need
    ) -> None:
        """Hold who asks against what the path names at GitHub now.

        By the time of this it may be another repository than the one whose name the
        path had for us.

        Raises:
            ApiError: They may not do it there, or nobody can tell now.
        """
        user = user_of(request)
        may = await self._permission(user, repository)
        check_permission(user, may, needs, full_name_of(request))

    async def _permission(self, user: User, repository: Repository) -> Permission:
        if user.repo_id not in {None, repository.id}:
            return Permission.NONE
        if user.trusted or self._github is None:
            return everywhere(user)
        try:
            return await self._github.access.permission(user.person, repository)
        except (*UNANSWERED, TimeoutError) as error:
            raise self.unanswered(error) from error

    def unanswered(self, error: Exception) -> ApiError:
        """The answer to somebody of whom GitHub tells nothing."""
        if isinstance(error, TokenTooWeakError):
            return too_weak(error)
        if isinstance(error, LookedUpTooMuchError):
            text = f"What you may do there is not looked up: {error}."
            return ApiError(429, "rate_limited", text, headers=AGAIN)
        if not isinstance(error, TokenRefusedError):
            reason = str(error) or "GitHub does not answer"
            text = f"What you may do can't be told now: {reason}. Ask again."
            return ApiError(503, "internal_error", text, headers=AGAIN)
        if error.own:
            text = "GitHub does not take Gitploy's own token: tell its operator."
            return ApiError(503, "internal_error", text, headers=AGAIN)
        return self._asking.sign_in_again()

    async def _check(self, request: web.Request, needs: Need) -> None:
        user = user_of(request)
        writes = request.method not in SAFE
        if writes and user.by_cookie:
            self._check_origin(request)
        check_scope(user, needs, writes=writes)
        if needs in PERMISSIONS:
            await self._check_repository(request, user, needs)
        elif user.repo_id is not None and (writes or needs is Need.SYSTEM_ADMIN):
            raise forbidden("This token is for one repository: use another one here.")
        elif needs is Need.SYSTEM_ADMIN and not user.admin:
            raise not_admin(user)

    async def _check_repository(
        self, request: web.Request, user: User, needs: Need
    ) -> None:
        full_name, may = full_name_of(request), everywhere(user)
        if not user.trusted or user.repo_id is not None:
            meant, may = await self.found(user, full_name)
            if meant is not None:
                request[MEANT] = meant
        request[MAY] = may
        check_permission(user, may, needs, full_name)

    def _check_origin(self, request: web.Request) -> None:
        """A page of somebody else's must not write in a visitor's name."""
        ours = self._sites.are_ours(request)
        if ours is None:
            wanted = csrf_token(given(request)[0])
            sent = request.headers.get(CSRF, "").encode(errors="surrogateescape")
            ours = hmac.compare_digest(sent, wanted.encode())
        if not ours:
            raise forbidden(
                "This write comes from another site than Gitploy's own. Programs send "
                "Authorization: Bearer <token> instead of the cookie, or the cookie "
                f"with the header {CSRF}, as GET /api/v1/user tells it."
            )
