"""From an answer to a read to the resource that was asked for, or to its exception."""

from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from .classify import classify_failure
from .errors import GitHubError, GitHubUnavailable
from .failures import as_exception
from .limits import wait_until
from .resources import Resource
from .wire import Answer

R = TypeVar("R", bound=Resource)


def read_as(kind: type[R], answer: Answer) -> R:
    check(answer)
    try:
        return kind.model_validate_json(answer.body)
    except ValidationError as error:
        raise _unreadable(error) from error


def read_page(kind: type[R], answer: Answer) -> list[R]:
    check(answer)
    try:
        return TypeAdapter(list[kind]).validate_json(answer.body)  # type: ignore[valid-type]
    except ValidationError as error:
        raise _unreadable(error) from error


def check(answer: Answer) -> None:
    """Raise what went wrong, unless the answer is a success."""
    if not 200 <= answer.status < 300:
        raise refusal(answer)


def refusal(answer: Answer) -> GitHubError:
    error = as_exception(
        classify_failure(answer.status, answer.headers, answer.body, answer.at)
    )
    if isinstance(error, GitHubUnavailable) and "retry-after" in answer.headers:
        error.retry_at = wait_until(answer.headers, answer.at)
    return error


def _unreadable(error: ValidationError) -> GitHubUnavailable:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    return GitHubUnavailable(f"GitHub's answer can't be read: {place} {first['msg']}")
