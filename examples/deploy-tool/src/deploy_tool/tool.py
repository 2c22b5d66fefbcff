"""Carries a deployment out: three steps, each a line in its log and a status at GitHub.

Nothing is deployed; the log says what a real tool would do here. Each step is recorded
before and after it is posted, so that a deployment goes on where it was.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from deploy_tool.github import GitHubError
from deploy_tool.history import History
from deploy_tool.webhook import Deployment

log = logging.getLogger(__name__)


class Statuses(Protocol):
    async def post_status(
        self, deployment_id: int, *, state: str, description: str, log_url: str
    ) -> None:
        """Post one; raise GitHubError when GitHub refuses or can't be reached."""


@dataclass(frozen=True)
class Tool:
    history: History
    github: Statuses
    #: Where the log of a deployment is served.
    log_url: Callable[[int], str]
    failing_environments: frozenset[str] = frozenset()
    step_s: float = 1.0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def carry_out(self, deployment: Deployment) -> None:
        """Take the steps that are left, as long as GitHub answers."""
        step_s = self.step_s if deployment.step_s is None else deployment.step_s
        for state, line in self._steps(deployment):
            if self.history.is_posted(deployment.id, state):
                continue
            if state != "queued":
                await asyncio.sleep(step_s)
            await self._tell(deployment.id, state, line)
            try:
                await self.github.post_status(
                    deployment.id,
                    state=state,
                    description=line,
                    log_url=self.log_url(deployment.id),
                )
            except GitHubError as error:
                log.warning("deployment %d waits: %s", deployment.id, error)
                return
            self.history.step_posted(deployment.id, state)
            log.info("deployment %d: %s", deployment.id, line)
        await self._finish(deployment.id)

    async def log_lines(self, deployment_id: int) -> AsyncIterator[str]:
        """Yield what was said about a deployment and follow it to its end."""
        told = 0

        def has_news() -> bool:
            lines = self.history.lines(deployment_id)
            return len(lines) > told or self.history.is_finished(deployment_id) is True

        while True:
            async with self._news:
                await self._news.wait_for(has_news)
            new = self.history.lines(deployment_id)[told:]
            if not new:
                return
            for line in new:
                told += 1
                yield line

    def _steps(self, deployment: Deployment) -> list[tuple[str, str]]:
        what = f"{deployment.sha[:7]} to {deployment.environment}"
        fails = (
            deployment.told_to_fail
            or deployment.environment in self.failing_environments
        )
        end = ("failure", f"Failed to deploy {what}, as told")
        return [
            ("queued", f"Queued {what}"),
            ("in_progress", f"Deploying {what}"),
            end if fails else ("success", f"Deployed {what}"),
        ]

    async def _tell(self, deployment_id: int, state: str, line: str) -> None:
        async with self._news:
            self.history.begin_step(deployment_id, state, line)
            self._news.notify_all()

    async def _finish(self, deployment_id: int) -> None:
        async with self._news:
            self.history.finish(deployment_id)
            self._news.notify_all()
