"""Everybody around the gateway: GitHub, and the other services as a cast of fakes.

They take what the gateway says from the in-memory bus and answer as a test tells them
to.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from api_gateway.ports import (
    FoundFile,
    GitHubAwayError,
    Known,
    RefUnknownError,
    RepositoryUnknownError,
)
from shared.contracts import (
    AutoDeployResumeRequested,
    CancelRequested,
    Check,
    DeployConfirmed,
    DeploymentSynced,
    DeployRequested,
    Event,
    GitHubDeploymentCanceled,
    GitHubDeploymentCreated,
    LockChangeRequested,
    LockRequested,
    Message,
    PinnedConfig,
    PreflightAnswered,
    PreflightAsked,
    RefRejected,
    RefVerified,
    RemoteStatusPosted,
    RemoteStatusRefused,
    RemoteStatusRequested,
    Repository,
    RepositoryActivated,
    RepositoryActivationRefused,
    RepositoryActivationRequested,
    RepositoryDeactivated,
    RepositoryDeactivationRequested,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
    UnlockRequested,
)
from shared.messaging import Hearing, MemoryBus
from shared.testing import FakeClock, said

from . import waiting
from .environments import LockCommand, Locking, resumed

REPO = Repository(id=7, full_name="Octo/shop")
SHA = "a" * 40
TOKEN = "secret-token"
CHECKS = (
    Check(code="config", state="passed", message="deploy.yml is valid."),
    Check(code="ref", state="failed", message="There is no branch nope."),
)


class FakeGitHub:
    """Knows one repository, unless a test tells it of more."""

    def __init__(self) -> None:
        self.away = False
        self.known = {REPO.full_name.lower(): REPO}
        self.asked: list[str] = []
        #: Files by their paths, at the refs that a test tells it of.
        self.files: dict[str | None, dict[str, FoundFile]] = {None: {}}

    async def find_repository(self, full_name: str) -> Repository:
        self.asked.append(full_name)
        if self.away:
            raise GitHubAwayError("GitHub answers 502")
        if full_name.lower() not in self.known:
            raise RepositoryUnknownError(full_name)
        return self.known[full_name.lower()]

    async def read_file(
        self, repository: Repository, path: str, ref: str | None
    ) -> Known[FoundFile]:
        if self.away:
            raise GitHubAwayError("GitHub answers 502")
        if repository not in self.known.values():
            raise RepositoryUnknownError(repository.full_name)
        if ref not in self.files:
            raise RefUnknownError(ref)
        return Known(self.files[ref].get(path, FoundFile(SHA, None)))

    def write(
        self, text: str, path: str = "deploy.yml", ref: str | None = None
    ) -> None:
        self.files.setdefault(ref, {})[path] = FoundFile(SHA, text)


#: What would become of a deployment.
IN_LINE = PreflightAnswered(
    checks=CHECKS, sha=SHA, would="queue", position=2, message="It would wait in line."
)


@dataclass
class Others:
    """The verifier, the dispatcher and status-sync."""

    bus: MemoryBus
    clock: FakeClock
    #: Whether the verifier answers, and how.
    verdict: str = "verified"
    #: What every ref means.
    sha: str = SHA
    #: What it asks of reviewers, and what it makes of a confirmation.
    required: int = 1
    on_approval: Literal["wait", "deploy"] = "wait"
    emergency: bool = False
    confirmation: str = "taken"
    #: Whether the dispatcher answers.
    dispatches: bool = True
    cancels: bool = True
    activates: str = "activated"
    #: What becomes of statuses for GitHub.
    posts: str = "posted"
    locking: Locking = field(default_factory=Locking)
    heard: list[Message[Event]] = field(default_factory=list)
    asked: list[PreflightAsked] = field(default_factory=list)
    preflight: PreflightAnswered = IN_LINE
    revision: int = 0

    async def say(self, event: Event, id: str | None = None) -> None:  # noqa: A002
        self.revision += 1
        told = said(event, time=self.clock(), id=id, revision=self.revision)
        await self.bus.publish(told)

    def of(self, kind: type[Event]) -> list[Message[Any]]:
        return [m for m in self.heard if isinstance(m.data, kind)]

    async def on_deploy(self, message: Message[DeployRequested]) -> None:
        self.heard.append(message)
        if self.verdict == "rejected":
            await self.say(rejection(message.data))
        elif self.verdict == "review":
            asked = waiting.review_of(message.data, self.required, self.on_approval)
            await self.say(asked.model_copy(update={"emergency": self.emergency}))
        elif self.verdict == "verified":
            await self.say(verdict(message.data, self.sha))
            if self.dispatches:
                await self.say(creation(message.data, self.sha))

    async def on_confirm(self, message: Message[DeployConfirmed]) -> None:
        self.heard.append(message)
        if self.confirmation == "refused":
            await self.say(waiting.refusal_of(message.data))
        elif self.confirmation == "taken":
            wanted = next(
                m.data
                for m in self.of(DeployRequested)
                if m.data.deployment_id == message.data.deployment_id
            )
            await self.say(verdict(wanted))
            await self.say(creation(wanted))

    async def on_cancel(self, message: Message[CancelRequested]) -> None:
        self.heard.append(message)
        if self.cancels:
            event = message.data
            await self.say(
                GitHubDeploymentCanceled(
                    deployment_id=event.deployment_id,
                    code=event.code,
                    message=event.reason,
                )
            )

    async def on_command(
        self,
        message: Message[
            RepositoryActivationRequested | RepositoryDeactivationRequested
        ],
    ) -> None:
        self.heard.append(message)
        command = message.data
        ids = {"command_id": command.command_id, "repository": command.repository}
        if isinstance(message.data, RepositoryDeactivationRequested):
            await self.say(RepositoryDeactivated(**ids))
        elif self.activates == "activated":
            await self.say(RepositoryActivated(**ids, webhook_id=11))
        elif self.activates == "refused":
            await self.say(
                RepositoryActivationRefused(
                    **ids, code="forbidden", message="The token may not."
                )
            )

    async def on_lock(self, message: Message[LockCommand]) -> None:
        self.heard.append(message)
        for event in self.locking.answer(message):
            await self.say(event)

    async def on_status(self, message: Message[RemoteStatusRequested]) -> None:
        self.heard.append(message)
        command = message.data
        ids = {
            "command_id": command.command_id,
            "repository": command.repository,
            "deployment_id": command.deployment_id,
        }
        if self.posts == "posted":
            await self.say(RemoteStatusPosted(**ids, github_status_id=77))
        elif self.posts == "refused":
            code, text = "entity_unprocessable", "GitHub refuses the description."
            await self.say(RemoteStatusRefused(**ids, code=code, message=text))

    async def on_preflight(self, asked: PreflightAsked) -> PreflightAnswered:
        self.asked.append(asked)
        if not self.locking.awake:
            await asyncio.Event().wait()
        return self.preflight

    async def on_resume(self, message: Message[AutoDeployResumeRequested]) -> None:
        self.heard.append(message)
        if self.locking.awake:
            await self.say(resumed(message.data))

    async def say_synced(self, question: SyncRequested) -> None:
        """GitHub has nothing new."""
        await self.say(
            DeploymentSynced(
                deployment_id=question.deployment_id,
                sync_id=question.sync_id,
                github_deployment_id=question.github_deployment_id,
            )
        )

    async def on_other(self, message: Message[Event]) -> None:
        self.heard.append(message)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(
                self.bus.consume(
                    "verifier",
                    {
                        DeployRequested: self.on_deploy,
                        DeployConfirmed: self.on_confirm,
                        SlotReleaseRequested: self.on_other,
                        LockRequested: self.on_lock,
                        LockChangeRequested: self.on_lock,
                        UnlockRequested: self.on_lock,
                        AutoDeployResumeRequested: self.on_resume,
                    },
                )
            )
            group.create_task(
                self.bus.consume(
                    "github-dispatcher",
                    {
                        CancelRequested: self.on_cancel,
                        RepositoryActivationRequested: self.on_command,
                        RepositoryDeactivationRequested: self.on_command,
                        RemoteStatusRequested: self.on_status,
                    },
                )
            )
            hearing: Hearing = {PreflightAsked: self.on_preflight}
            group.create_task(self.bus.answer("verifier", hearing))
            group.create_task(
                self.bus.consume("status-sync", {SyncRequested: self.on_other})
            )


def verdict(request: DeployRequested, sha: str = SHA) -> RefVerified:
    return RefVerified(
        deployment_id=request.deployment_id,
        number=request.number,
        repository=request.repository,
        environment=request.environment,
        ref=request.ref,
        sha=sha,
        committed_at=request.requested_at - timedelta(hours=2),
        config=PinnedConfig(
            commit=SHA,
            digest="d",
            environment=request.environment,
            production_environment=True,
        ),
        requested_by=request.requested_by,
        checks=CHECKS[:1],
        resolved_at=request.requested_at,
        not_after=request.not_after,
    )


def rejection(request: DeployRequested) -> RefRejected:
    return RefRejected(
        deployment_id=request.deployment_id,
        code="entity_unprocessable",
        message="There is no branch nope.",
        checks=CHECKS,
    )


def creation(request: DeployRequested, sha: str = SHA) -> GitHubDeploymentCreated:
    return GitHubDeploymentCreated(
        deployment_id=request.deployment_id,
        repository=request.repository,
        environment=request.environment,
        github_deployment_id=900 + request.number,
        sha=sha,
        url=f"https://api.github.com/repos/octo/shop/deployments/{request.number}",
    )


def status(deployment_id: str, n: int, state: str, log_url: str = "") -> StatusUpdated:
    return StatusUpdated(
        deployment_id=UUID(deployment_id),
        repository=REPO,
        github_deployment_id=901,
        github_status_id=n,
        state=state,
        log_url=log_url,
        created_at="2026-01-05T09:00:00Z",
    )
