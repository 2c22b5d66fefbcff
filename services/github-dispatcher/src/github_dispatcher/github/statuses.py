"""Statuses that people want: posted, and found again by their content."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from github_dispatcher.domain.answers import StatusAnswer
from github_dispatcher.domain.wording import REPOSITORY_GONE
from github_dispatcher.ports import RepositoryGoneError
from shared.contracts import RemoteStatusRequested, Repository
from shared.github import DeploymentStatus, GitHubNotFound

from .failures import answering
from .outcomes import DEPLOYMENT_GONE, status_answer
from .repositories import NEVER, Repositories


class Statuses(Repositories):
    async def post_status(
        self, wish: RemoteStatusRequested, repository: Repository, begin_by: datetime
    ) -> StatusAnswer:
        answer = status_answer(
            await self.client.create_status(
                repository.full_name,
                wish.github_deployment_id,
                _body(wish),
                begin_by=begin_by,
            )
        )
        if answer != DEPLOYMENT_GONE:
            return answer
        try:
            await self.locate(repository, NEVER)
        except RepositoryGoneError:
            return REPOSITORY_GONE
        return answer

    async def find_status(
        self, wish: RemoteStatusRequested, since: datetime
    ) -> Sequence[int]:
        with answering(wish.repository, self.clock):
            try:
                found = await self.client.list_statuses(
                    wish.repository.id, wish.github_deployment_id
                )
            except GitHubNotFound:
                await self.locate(wish.repository, NEVER)
                # The deployment alone is gone, as the next attempt will hear.
                return []
        wanted = _content(_body(wish))
        return [s.id for s in found if _of(s) == wanted and _recent(s, since)]


def _body(wish: RemoteStatusRequested) -> dict[str, str]:
    """What is empty is left to GitHub."""
    told = {
        "state": wish.state,
        "description": wish.description,
        "log_url": wish.log_url,
        "environment_url": wish.environment_url,
    }
    return {name: value for name, value in told.items() if value}


def _content(told: Mapping[str, str]) -> tuple[str, ...]:
    names = ("state", "description", "log_url", "environment_url")
    return tuple(told.get(name, "") for name in names)


def _of(status: DeploymentStatus) -> tuple[str, ...]:
    return status.state, status.description, status.log, status.environment_url


def _recent(status: DeploymentStatus, since: datetime) -> bool:
    return status.created_at is None or status.created_at >= since
