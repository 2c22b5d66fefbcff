"""The verifier's port to GitHub, over the shared client."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import ValidationError

from shared.contracts import Ref, Repository
from shared.github import (
    GitHubClient,
    GitHubError,
    GitHubForbidden,
    GitHubRateLimited,
    GitHubUnauthorized,
    GitHubUnavailable,
)
from verifier.domain.found import Contexts, Found, Named, People
from verifier.ports import NoAnswerError

from .inquiry import Inquiry
from .registry import Registry


class GitHubReader:
    """What GitHub says to a token that may read."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    async def look(
        self,
        repository: Repository,
        ref: Ref,
        *,
        sha: str | None = None,
        path: str = "deploy.yml",
    ) -> Found | None:
        """Look a ref up: its commit, its checks, and the rules that hold now."""
        with _explained():
            return await Inquiry(self._client, repository).found(ref, sha, path)

    async def people(self, repository: Repository, named: Named) -> People:
        """Who they are, and what they may do there."""
        with _explained():
            return await Registry(self._client, repository).people(named)

    async def contexts(self, repository: Repository, sha: str) -> Contexts | None:
        """What was reported about a commit; none if the commit is gone."""
        with _explained():
            return await Inquiry(self._client, repository).contexts(sha)


@contextmanager
def _explained() -> Iterator[None]:
    """Why there is no answer, and what to do about it."""
    try:
        yield
    except GitHubRateLimited as error:
        raise NoAnswerError(f"{error}; then it goes on", error.retry_at) from error
    except GitHubUnavailable as error:
        raise NoAnswerError(f"{error}; is GitHub up?", error.retry_at) from error
    except GitHubUnauthorized as error:
        what = "set GITPLOY_GITHUB_TOKEN to a token, or the App's key, that is valid"
        raise NoAnswerError(f"GitHub refuses our token ({error}): {what}") from error
    except GitHubForbidden as error:
        needed = error.needed or "contents, checks and commit statuses: read"
        raise NoAnswerError(f"{error}: our token needs {needed}") from error
    except GitHubError as error:
        raise NoAnswerError(f"GitHub refuses our question: {error}") from error
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise NoAnswerError(f"GitHub's answer can't be read: {where}") from error
