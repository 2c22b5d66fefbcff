"""The gateway's one question to GitHub."""

from shared.contracts import Repository
from shared.github import GitHubClient, GitHubError, GitHubNotFound

from .ports import GitHubAwayError, RepositoryUnknownError


class GitHubRepositories:
    """The port `GitHub` over the shared client."""

    def __init__(self, client: GitHubClient) -> None:
        self._client = client

    async def find_repository(self, full_name: str) -> Repository:
        """The repository with its numeric id."""
        try:
            found = await self._client.get_repository(full_name)
        except GitHubNotFound as error:
            raise RepositoryUnknownError(full_name) from error
        except GitHubError as error:
            raise GitHubAwayError(str(error)) from error
        return Repository(id=found.id, full_name=found.full_name)
