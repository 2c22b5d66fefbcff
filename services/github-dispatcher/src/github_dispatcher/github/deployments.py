"""Deployments at GitHub: create one, look for it, set it to `error`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from github_dispatcher.domain.answers import (
    Answer,
    GitHubDeployment,
    Refusal,
    Stopped,
    sent_by_name,
)
from github_dispatcher.ports import NoAnswerError
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
from .failures import LATER, answering, unwritten
from .outcomes import answer, read
from .repositories import NEVER, Repositories

SET_TO_ERROR: Final = Stopped("Its deployment at GitHub was set to error.")
GONE: Final = Stopped("Its deployment at GitHub has been deleted.")


class Deployments(Repositories):
    public_url: str

    async def create(
        self, order: RefVerified, repository: Repository, begin_by: datetime
    ) -> Answer:
        try:
            body = body_of(order, self.public_url)
        except UnmarkablePayload as error:
            return Refusal("payload", f"{error}.")
        return answer(
            await self.client.create_deployment(
                repository.full_name, body, begin_by=begin_by
            )
        )

    async def find(self, order: RefVerified) -> Sequence[GitHubDeployment]:
        listed = self.client.list_deployments(
            order.repository.id,
            order.environment,
            order.config.task,
            **_as_sent(order),
        )
        with answering(order.repository, self.clock):
            try:
                found = [read(deployment) async for deployment in listed]
            except GitHubNotFound as error:
                # That the list isn't there says nothing about what is on it.
                await self.locate(order.repository, NEVER)
                raise NoAnswerError(
                    f"{order.repository.full_name}: GitHub has the repository, but "
                    "does not show its deployments: check the token's permissions",
                    LATER,
                ) from error
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
                # Hidden with its repository it may be there all the same.
                await self.locate(repository, NEVER)
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
    ) -> Stopped:
        named = await self.locate(repository, NEVER)
        statuses = await self._statuses(named, github_deployment_id)
        if statuses is None:
            return GONE
        finished = _finished(statuses)
        if any(_mark(status) == mark for status in statuses):
            final = finished.id if finished else None
            return replace(SET_TO_ERROR, final_status_id=final)
        if spare_finished and finished:
            told = f"The tooling had already ended it with {finished.state}."
            return Stopped(told, finished.id)
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

    def _stopped(self, repository: Repository, outcome: StatusOutcome) -> Stopped:
        match outcome:
            case StatusCreated():
                return SET_TO_ERROR
            case NotFound():
                return GONE
            case Forbidden(message) | Invalid(message):
                # An archived repository, for one: nothing will change that soon.
                told = f"GitHub does not let Gitploy set it to error ({message})."
                return Stopped(told)
        raise unwritten(repository, outcome, self.clock())


def _as_sent(order: RefVerified) -> dict[str, str]:
    """By what GitHub lists it: what was sent as `ref`, or the commit that it was."""
    return {"ref": order.ref.name} if sent_by_name(order) else {"sha": order.sha}


def _finished(statuses: Sequence[DeploymentStatus]) -> DeploymentStatus | None:
    """With which status the tooling, and not we, ended the deployment."""
    final = [s for s in statuses if s.state in FINAL_STATES and _mark(s) is None]
    return max(final, key=lambda s: (s.created_at or NEVER, s.id), default=None)


def _mark(status: DeploymentStatus) -> UUID | None:
    return status_mark(status.state, status.description)
