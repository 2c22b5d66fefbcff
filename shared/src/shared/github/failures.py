"""A failure is a value to those who write and an exception to those who read.

These two functions are the only places that turn the one into the other.
"""

from .errors import (
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRejected,
    GitHubUnauthorized,
    GitHubUnavailable,
)
from .limits import RateLimited
from .outcomes import (
    Ambiguous,
    BadCredentials,
    Failure,
    Forbidden,
    Invalid,
    NotFound,
    Redirected,
    Refusal,
    Unreachable,
)


def as_exception(failure: Failure) -> GitHubError:
    """What a read raises."""
    match failure:
        case RateLimited(retry_at, secondary):
            return GitHubRateLimited(retry_at, secondary=secondary)
        case NotFound(message):
            return GitHubNotFound(message)
        case BadCredentials(message):
            return GitHubUnauthorized(message)
        case Forbidden(message, needed):
            return GitHubForbidden(message, needed)
        case Ambiguous(reason) | Unreachable(reason):
            return GitHubUnavailable(reason)
        case Redirected(to):
            return GitHubRejected(f"GitHub sends us on to {to}")
        case Invalid(message):
            return GitHubRejected(message)


def before_write(error: GitHubError) -> Refusal | Unreachable:
    """What a write returns that never began, because no credential was to be had."""
    match error:
        case GitHubRateLimited():
            return RateLimited(error.retry_at, error.secondary)
        case GitHubNotFound():
            return NotFound(str(error))
        case GitHubUnauthorized():
            return BadCredentials(str(error))
        case GitHubForbidden():
            return Forbidden(str(error), error.needed)
        case GitHubRejected():
            return Invalid(str(error))
    return Unreachable(str(error))
