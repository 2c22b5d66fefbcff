"""The gateway's questions to GitHub, in its own name."""

from datetime import timedelta
from functools import partial
from typing import Any, Final

from api_gateway.ports import (
    FoundFile,
    Known,
    NotCoveredError,
    RefUnknownError,
    RepositoryUnknownError,
)
from shared.contracts import Repository
from shared.github import (
    AppNotInstalled,
    Clock,
    GitHubClient,
    GitHubNotFound,
    NotCovered,
    covering,
)
from shared.github.graphql import read_graphql
from shared.github.questions import Question
from shared.github.wire import Answer, Call

from .askers import OURS, Asker
from .cache import Cache, Pace
from .explaining import explaining

#: Whoever has just changed the rules looks at what they are now.
ANEW: Final = Pace(timedelta(0))

_FILE: Final = """
query ReadFile(
  $owner: String!, $name: String!, $ref: String!, $default: Boolean!, $path: String!
) {
  repository(owner: $owner, name: $name, followRenames: true) {
    databaseId
    defaultBranchRef @include(if: $default) { target { ...Found } }
    object(expression: $ref) @skip(if: $default) {
      ...Found
      ... on Tag { target { ...Found } }
    }
  }
}
fragment Found on GitObject {
  __typename oid
  ... on Commit {
    file(path: $path) { object { ... on Blob { isBinary isTruncated text } } }
  }
}
"""


class GitHubRepositories:
    """The port `GitHub` over the shared client."""

    def __init__(self, client: GitHubClient, cache: Cache, clock: Clock) -> None:
        self._client = client
        self._cache = cache
        self._clock = clock
        self._asker = Asker(client, OURS)

    async def find_repository(self, full_name: str) -> Repository:
        """The repository with its numeric id."""
        with explaining(self._asker, self._clock):
            try:
                found = await self._client.get_repository(full_name)
            except AppNotInstalled as error:
                covered = await covering(self._client, full_name)
                if isinstance(covered, NotCovered):
                    raise NotCoveredError(covered.code, covered.message) from None
                raise RepositoryUnknownError(full_name) from error
            except GitHubNotFound as error:
                raise RepositoryUnknownError(full_name) from error
        return Repository(id=found.id, full_name=found.full_name)

    async def read_file(
        self, repository: Repository, path: str, ref: str | None
    ) -> Known[FoundFile]:
        """A file at a ref, or at the head of the default branch."""
        owner, _, name = repository.full_name.partition("/")
        asked = {
            "owner": owner,
            "name": name,
            "ref": ref or "HEAD",
            "default": ref is None,
            "path": path,
        }
        body = {"query": _FILE, "variables": asked}
        call = Call("POST", "/graphql", repository.full_name, body=body)
        question = Question(call, partial(_found, repository.id))
        with explaining(self._asker, self._clock):
            try:
                return await self._cache.get(self._asker, question, ANEW)
            except _NoCommitError as error:
                raise RefUnknownError(ref or "the default branch") from error
            except GitHubNotFound as error:
                raise RepositoryUnknownError(repository.full_name) from error


class _NoCommitError(GitHubNotFound):
    """The repository is there, and has no such commit."""


def _found(repo_id: int, answer: Answer) -> FoundFile:
    found = read_graphql(answer).data.get("repository")
    # The name may have become another repository's.
    if not found or found.get("databaseId") != repo_id:
        raise GitHubNotFound("GitHub shows no such repository")
    commit = _commit(found)
    if commit is None:
        raise _NoCommitError("GitHub shows no such commit")
    return _file(commit)


def _commit(found: dict[str, Any]) -> dict[str, Any] | None:
    """What the ref means, a tag's commit included."""
    branch = found.get("defaultBranchRef") or {}
    told = found.get("object") or branch.get("target")
    if told and told["__typename"] == "Tag":
        told = told.get("target")
    return told if told and told["__typename"] == "Commit" else None


def _file(commit: dict[str, Any]) -> FoundFile:
    entry = commit.get("file")
    if entry is None:
        return FoundFile(commit["oid"], None)
    blob = entry.get("object") or {}
    whole = not blob.get("isBinary") and not blob.get("isTruncated")
    text = blob.get("text") if whole else None
    return FoundFile(commit["oid"], text, readable=text is not None)
