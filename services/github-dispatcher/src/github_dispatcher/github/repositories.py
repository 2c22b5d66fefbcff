"""A repository by the name that it has now."""

from datetime import UTC, datetime, timedelta
from typing import Final

from github_dispatcher.ports import RepositoryGoneError
from shared.contracts import Repository
from shared.github import Clock, GitHubClient, GitHubNotFound

from .failures import answering

#: A name that was read this recently is taken to be right.
FRESH: Final = timedelta(seconds=60)
NEVER: Final = datetime.min.replace(tzinfo=UTC)


class Repositories:
    client: GitHubClient
    clock: Clock

    async def locate(self, repository: Repository, known_at: datetime) -> Repository:
        # The clock that it was read by may be ahead of ours.
        if abs(self.clock() - known_at) <= FRESH:
            return repository
        with answering(repository, self.clock):
            try:
                found = await self.client.get_repository(repository.id)
            except GitHubNotFound as error:
                raise RepositoryGoneError(repository.full_name) from error
        return Repository(id=found.id, full_name=found.full_name)
