"""Why GitHub gives no answer, in the gateway's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from api_gateway.ports import GitHubAwayError, TokenRefusedError, TokenTooWeakError
from shared.github import (
    Clock,
    GitHubError,
    GitHubForbidden,
    GitHubRateLimited,
    GitHubUnauthorized,
    GitHubUnavailable,
)

from .askers import Asker
from .translation import lacking


@contextmanager
def explaining(asker: Asker, clock: Clock) -> Iterator[None]:
    """Whoever asks says himself what it means that something is not there."""
    try:
        yield
    except GitHubUnauthorized as error:
        raise TokenRefusedError(own=asker.own) from error
    except GitHubForbidden as error:
        raise TokenTooWeakError(lacking(error)) from error
    except (GitHubRateLimited, GitHubUnavailable) as error:
        at = error.retry_at
        raise GitHubAwayError(str(error), at - clock() if at else None) from error
    except GitHubError as error:
        raise GitHubAwayError(str(error)) from error
