"""The gateway's questions to GitHub."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from api_gateway.ports import (
    FoundFile,
    GitHubAwayError,
    NotCoveredError,
    RefUnknownError,
    RepositoryUnknownError,
)
from shared.contracts import Repository
from shared.github import (
    AppNotInstalled,
    GitHubClient,
    GitHubError,
    GitHubNotFound,
    GitHubUnauthorized,
    NotCovered,
    covering,
)

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

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    async def find_repository(self, full_name: str) -> Repository:
        """The repository with its numeric id."""
        with _explained(full_name):
            try:
                found = await self._client.get_repository(full_name)
            except AppNotInstalled:
                covered = await covering(self._client, full_name)
                if isinstance(covered, NotCovered):
                    raise NotCoveredError(covered.code, covered.message) from None
                raise
        return Repository(id=found.id, full_name=found.full_name)

    async def read_file(
        self, repository: Repository, path: str, ref: str | None
    ) -> FoundFile:
        """A file at a ref, or at the head of the default branch."""
        owner, _, name = repository.full_name.partition("/")
        asked = {
            "owner": owner,
            "name": name,
            "ref": ref or "HEAD",
            "default": ref is None,
            "path": path,
        }
        with _explained(repository.full_name):
            told = await self._client.graphql(_FILE, asked, repo=repository.full_name)
        found = told.data.get("repository")
        if not found or found.get("databaseId") != repository.id:
            raise RepositoryUnknownError(repository.full_name)
        commit = _commit(found)
        if commit is None:
            raise RefUnknownError(ref or "the default branch")
        return _file(commit)


@contextmanager
def _explained(full_name: str) -> Iterator[None]:
    """Why there is no answer."""
    try:
        yield
    except GitHubNotFound as error:
        raise RepositoryUnknownError(full_name) from error
    except GitHubUnauthorized as error:
        raise GitHubAwayError(
            f"GitHub does not accept Gitploy's own token ({error}): it needs another "
            "GITPLOY_GITHUB_TOKEN, or the client id and the key of one GitHub App."
        ) from error
    except GitHubError as error:
        raise GitHubAwayError(str(error)) from error


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
