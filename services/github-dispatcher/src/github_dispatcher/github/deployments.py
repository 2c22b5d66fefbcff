"""Deployments at GitHub: create one, look for it, set it to `error`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from github_dispatcher.domain.answers import Answer, GitHubDeployment, Refusal
from github_dispatcher.ports import RepositoryGoneError
from shared.contracts import FINAL_STATES, RefVerified, Repository
from shared.github import (
    DeploymentStatus,
    Forbidden,
    GitHubNotFound,
    Invalid,
    NotFound,
    StatusCreated,
    StatusOutcome,
    UnmarkablePayload,
    mark_status,
    status_mark,
)

from .body import body_of
from .failures import answering, unwritten
from .outcomes import answer, read
from .repositories import NEVER, Repositories

SET_TO_ERROR: Final = "Its deployment at GitHub was set to error."
GONE: Final = "Its deployment at GitHub has been deleted."


class Deployments(Repositories):
    async def create(
        self, order: RefVerified, repository: Repository, begin_by: datetime
    ) -> Answer:
        try:
            body = body_of(order)
        except UnmarkablePayload as error:
            return Refusal("payload", f"{error}.")
        return answer(
            await self.client.create_deployment(
                repository.full_name, body, begin_by=begin_by
            )
        )

    async def find(self, order: RefVerified) -> Sequence[GitHubDeployment]:
        listed = self.client.list_deployments(
            order.repository.id, order.environment, order.config.task, order.sha
        )
        with answering(order.repository, self.clock):
            try:
                found = [read(deployment) async for deployment in listed]
            except GitHubNotFound:
                return []
        return [deployment for deployment in found if deployment.carries_out(order)]

    async def read(
        self, repository: Repository, github_deployment_id: int
    ) -> GitHubDeployment | None:
        with answering(repository, self.clock):
            try:
                found = await self.client.get_deployment(
                    repository.id, github_deployment_id
                )
            except GitHubNotFound:
                return None
        return read(found)

    async def stop(
        self,
        repository: Repository,
        github_deployment_id: int,
        *,
        mark: UUID,
        reason: str,
        spare_finished: bool = False,
    ) -> str:
        try:
            named = await self.locate(repository, NEVER)
        except RepositoryGoneError:
            return GONE
        statuses = await self._statuses(named, github_deployment_id)
        if statuses is None:
            return GONE
        if any(_mark(status) == mark for status in statuses):
            return SET_TO_ERROR
        finished = next((s.state for s in statuses if _is_final(s)), None)
        if spare_finished and finished:
            return f"The tooling had already ended it with {finished}."
        body = {"state": "error", "description": mark_status(reason, mark)}
        return self._stopped(
            named,
            await self.client.create_status(
                named.full_name, github_deployment_id, body
            ),
        )

    async def _statuses(
        self, repository: Repository, github_deployment_id: int
    ) -> Sequence[DeploymentStatus] | None:
        with answering(repository, self.clock):
            try:
                return await self.client.list_statuses(
                    repository.id, github_deployment_id
                )
            except GitHubNotFound:
                return None

    def _stopped(self, repository: Repository, outcome: StatusOutcome) -> str:
        match outcome:
            case StatusCreated():
                return SET_TO_ERROR
            case NotFound():
                return GONE
            case Forbidden(message) | Invalid(message):
                # An archived repository, for one: nothing will change that soon.
                return f"GitHub does not let Gitploy set it to error ({message})."
        raise unwritten(repository, outcome, self.clock())


def _is_final(status: DeploymentStatus) -> bool:
    """Whether the tooling, and not we, ended the deployment with it."""
    return status.state in FINAL_STATES and _mark(status) is None


def _mark(status: DeploymentStatus) -> UUID | None:
    return status_mark(status.state, status.description)
