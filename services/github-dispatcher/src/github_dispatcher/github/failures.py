"""When GitHub gives no answer: how long it takes until asking again makes sense."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from github_dispatcher.ports import NoAnswerError, OutOfReachError
from shared.contracts import Repository
from shared.github import (
    Clock,
    Failure,
    GitHubError,
    GitHubForbidden,
    GitHubRateLimited,
    GitHubUnavailable,
    RateLimited,
)

#: GitHub has trouble that will pass.
SOON: Final = timedelta(seconds=10)
#: Somebody has to give us a right, or a token.
LATER: Final = timedelta(minutes=1)


@contextmanager
def answering(repository: Repository, clock: Clock) -> Iterator[None]:
    """A read that failed is worth another try."""
    try:
        yield
    except GitHubForbidden as error:
        reason = f"{repository.full_name}: {error}"
        raise OutOfReachError(reason, LATER) from error
    except GitHubError as error:
        after = _wait(error, clock())
        limited = error.retry_at if isinstance(error, GitHubRateLimited) else None
        reason = f"{repository.full_name}: {error}"
        raise NoAnswerError(reason, after, limited) from error


def unwritten(repository: Repository, failure: Failure, now: datetime) -> NoAnswerError:
    """A write that failed is worth another try, after a look at what it did."""
    after = failure.retry_at - now if isinstance(failure, RateLimited) else SOON
    return NoAnswerError(f"{repository.full_name}: {failure}", after)


def _wait(error: GitHubError, now: datetime) -> timedelta:
    match error:
        case GitHubRateLimited(retry_at=at) | GitHubUnavailable(retry_at=at) if at:
            return at - now
        case GitHubUnavailable():
            return SOON
    return LATER
