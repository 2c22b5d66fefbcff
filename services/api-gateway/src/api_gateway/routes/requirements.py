"""What an operation needs of whoever asks for it, and how it is refused to others."""

from typing import Final

from aiohttp import web

from api_gateway.domain.access import Permission, Scope
from shared.web import ApiError

from .auth import User
from .lookup import unknown_repository
from .operation import Need

#: What somebody may do in the repository of the path.
MAY: Final = web.RequestKey("may", Permission)
#: What somebody has to be allowed in the repository.
PERMISSIONS: Final = {
    Need.READ: Permission.READ,
    Need.WRITE: Permission.WRITE,
    Need.ADMIN: Permission.ADMIN,
}
#: What a token has to be for, where more than a look is taken.
SCOPES: Final = {
    Need.UNLIMITED: Scope.ADMIN,
    Need.ADMIN: Scope.ADMIN,
    Need.SYSTEM_ADMIN: Scope.ADMIN,
}


def forbidden(why: str) -> ApiError:
    """The answer to somebody who may not do this."""
    return ApiError(403, "permission_required", why)


def check_scope(user: User, needs: Need, *, writes: bool) -> None:
    """Hold the token against what is asked for."""
    least = Scope.DEPLOY if writes or needs is Need.WRITE else Scope.READ
    least = SCOPES.get(needs, least)
    if user.scope < least:
        raise forbidden(
            f"This needs a token with the scope {least.word}, and yours has "
            f"{user.scope.word}: make another one."
        )


def everywhere(user: User) -> Permission:
    """What somebody may do in every repository, where GitHub is not asked."""
    return Permission.ADMIN if user.admin else Permission.WRITE


def check_permission(user: User, may: Permission, needs: Need, full_name: str) -> None:
    """Hold what somebody may do in a repository against what is asked for."""
    if may is Permission.NONE:
        raise unknown_repository(full_name)
    if may.rank >= PERMISSIONS[needs].rank:
        return
    if user.trusted:
        raise not_admin(user)
    wanted, who = PERMISSIONS[needs].value, user.person.login
    raise forbidden(
        f"This needs the permission {wanted} on {full_name} at GitHub, and {who} has "
        f"{may.value}."
    )


def not_admin(user: User) -> ApiError:
    """The answer to somebody who does not administer Gitploy."""
    who = user.person.login
    return forbidden(f"Only administrators may do this, and {who} is none.")
