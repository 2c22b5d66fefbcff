"""How what GitHub tells is answered: with its age, and why it is not newer.

`Age` says for how many seconds nobody has asked GitHub whether it is still so.
`X-Gitploy-Stale` is there if GitHub was asked and gave no answer.
"""

import math
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from api_gateway.ports import (
    Commit,
    GitHubAwayError,
    Known,
    NamedCommit,
    Part,
    RefUnknownError,
    RepositoryUnknownError,
    TokenRefusedError,
    TokenTooWeakError,
)
from api_gateway.read_model.documents import Document, rfc3339
from api_gateway.read_model.paging import Page
from shared.web import ApiError

from .answering import answer
from .lookup import not_found
from .paging import around, links
from .reading import invalid
from .texts import RefName

T = TypeVar("T")

#: What any of it may be answered with instead.
ERRORS: Final = ("internal_error", "permission_required")
#: GitHub has not said anything about what it was asked.
SILENT: Final = (TokenTooWeakError, TokenRefusedError, GitHubAwayError)
STALE: Final = "X-Gitploy-Stale"
#: When to ask again if GitHub has not said so.
AGAIN: Final = timedelta(seconds=5)
REF: Final[TypeAdapter[str]] = TypeAdapter(RefName)


async def one(asking: Awaitable[Known[T]], shown: Callable[[T], Any]) -> web.Response:
    """A single thing that GitHub tells."""
    told = await explained(asking)
    return answer(shown(told.value), headers=aged(told))


async def several(
    request: web.Request,
    page: Page,
    asking: Awaitable[Known[Part[T]]],
    shown: Callable[[T], Document],
) -> web.Response:
    """A page of a list, and where the others are."""
    told = await explained(asking)
    headers = {
        **aged(told),
        **links(request, around(page, more=told.value.more)),
    }
    return answer([shown(item) for item in told.value.items], headers=headers)


async def explained(asking: Awaitable[Known[T]]) -> Known[T]:
    """What GitHub tells.

    Raises:
        ApiError: It tells nothing, and why.
    """
    try:
        return await asking
    except RepositoryUnknownError as error:
        raise not_found(
            f"GitHub does not show the repository {error} to Gitploy"
        ) from error
    except RefUnknownError as error:
        raise not_found(f"GitHub shows no {error} there") from error
    except SILENT as error:
        raise unanswered(error, "nobody has asked for this lately") from error


def unanswered(error: Exception, so: str) -> ApiError:
    """What to do about one of `SILENT`, and what it comes to if GitHub is away."""
    match error:
        case TokenTooWeakError():
            text = f"GitHub does not let the token read this: {error}."
            return ApiError(403, "permission_required", text)
        case TokenRefusedError(own=own):
            return _refused(own=own)
    given = error.again_in if isinstance(error, GitHubAwayError) else None
    again_s = math.ceil((given or AGAIN).total_seconds())
    return ApiError(
        503,
        "internal_error",
        f"{error}, and {so}: ask again.",
        headers={"Retry-After": str(max(again_s, 1))},
    )


def ref_of(name: str, text: str) -> str:
    """A branch, a tag or a commit.

    Raises:
        ApiError: git allows no such name.
    """
    try:
        return REF.validate_python(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        raise invalid(name, first["msg"].removeprefix("Value error, ")) from error


def named_commit(told: NamedCommit) -> Document:
    """A branch or a tag."""
    return {"name": told.name, "commit_sha": told.commit_sha}


def commit(told: Commit) -> Document:
    """A commit; without an author whom GitHub knows it says nothing of one."""
    document = {
        "sha": told.sha,
        "message": told.message,
        "is_pull_request": False,
        "html_url": told.html_url,
    }
    if told.author is None:
        return document
    author = {
        "login": told.author.login,
        "avatar_url": told.author.avatar_url,
        "date": rfc3339(told.author.date),
    }
    return document | {"author": author}


def _refused(*, own: bool) -> ApiError:
    if own:
        text = (
            "GitHub does not take Gitploy's own token: its operator has to renew it "
            "(GITPLOY_GITHUB_TOKEN, or the client id and the key of one GitHub App)."
        )
        return ApiError(503, "internal_error", text)
    text = "GitHub does not take your token any more: sign in again."
    return ApiError(401, "unauthorized", text)


def aged(told: Known[Any]) -> dict[str, str]:
    """How old an answer is, and why it is not newer."""
    age = {"Age": str(int(told.age.total_seconds()))}
    return age | ({STALE: told.stale} if told.stale else {})
