"""GitHub's GraphQL answers: data, and errors by the place in the data they concern.

GraphQL errors arrive with status 200, beside whatever could be answered: a field that
the token may not read is null and has an error, and all the rest is good. So errors
are handed to the caller, who decides place by place; only what makes the whole answer
worthless is raised.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from .answers import check
from .errors import GitHubRateLimited, GitHubRejected, GitHubUnavailable
from .limits import wait_until
from .wire import Answer

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class GraphQLError:
    message: str
    #: GitHub's word: `NOT_FOUND`, `FORBIDDEN` …; empty if it has none.
    type: str
    path: Path


@dataclass(frozen=True)
class GraphQLAnswer:
    data: dict[str, Any]
    errors: tuple[GraphQLError, ...] = ()


def read_graphql(answer: Answer) -> GraphQLAnswer:
    """What GitHub told, in whole or in part.

    Raises:
        GitHubRateLimited: The points are used up.
        GitHubUnavailable: GitHub could not finish, or its answer can't be read.
        GitHubRejected: The question is wrong, so there is no data at all.
    """
    check(answer)
    told = _decoded(answer.body)
    errors = tuple(_error(e) for e in told.get("errors") or () if isinstance(e, dict))
    if any(e.type.startswith("RATE_LIMIT") for e in errors):
        raise GitHubRateLimited(wait_until(answer.headers, answer.at))
    data = told.get("data")
    if isinstance(data, dict):
        return GraphQLAnswer(data, errors)
    message = errors[0].message if errors else "GitHub answered without data"
    if not errors or message.startswith("Something went wrong"):
        raise GitHubUnavailable(message)
    raise GitHubRejected(message)


def _error(told: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        str(told.get("message", "")),
        str(told.get("type", "")),
        tuple(told.get("path") or ()),
    )


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise GitHubUnavailable(f"GitHub's answer is not JSON: {error}") from error
    if not isinstance(told, dict):
        raise GitHubUnavailable("GitHub's answer is not an object")
    return told
