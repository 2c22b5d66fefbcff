import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy_tool.github import GitHubError
from deploy_tool.history import History
from deploy_tool.tool import Tool
from deploy_tool.webhook import Deployment

DEPLOYMENT = Deployment(7, "c0ffee1234", "production", told_to_fail=False)


class FakeStatuses:
    def __init__(self) -> None:
        self.posted: list[tuple[str, str]] = []
        self.away_for: set[str] = set()

    async def post_status(
        self, deployment_id: int, *, state: str, description: str, log_url: str
    ) -> None:
        if state in self.away_for:
            raise GitHubError("no clear answer")
        self.posted.append((state, log_url))

    def states(self) -> list[str]:
        return [state for state, _ in self.posted]


@pytest.fixture
def history() -> Iterator[History]:
    history = History(Path(":memory:"))
    yield history
    history.close()


@pytest.fixture
def github() -> FakeStatuses:
    return FakeStatuses()


@pytest.fixture
def tool(history: History, github: FakeStatuses) -> Tool:
    return Tool(
        history,
        github,
        log_url=lambda number: f"http://tool/logs/{number}",
        failing_environments=frozenset({"staging"}),
        step_s=0,
    )


async def log_of(tool: Tool, number: int) -> list[str]:
    return [line async for line in tool.log_lines(number)]


async def test_a_deployment_goes_to_success_with_its_log(
    tool: Tool, github: FakeStatuses
) -> None:
    tool.history.take(DEPLOYMENT)
    await tool.carry_out(DEPLOYMENT)
    link = "http://tool/logs/7"
    assert github.posted == [
        ("queued", link),
        ("in_progress", link),
        ("success", link),
    ]
    assert await log_of(tool, 7) == [
        "Queued c0ffee1 to production",
        "Deploying c0ffee1 to production",
        "Deployed c0ffee1 to production",
    ]
    assert tool.history.unfinished() == []


@pytest.mark.parametrize(
    "deployment",
    [
        Deployment(7, "c0ffee1234", "production", told_to_fail=True),
        Deployment(7, "c0ffee1234", "staging", told_to_fail=False),
    ],
)
async def test_it_fails_when_told_to(
    deployment: Deployment, tool: Tool, github: FakeStatuses
) -> None:
    tool.history.take(deployment)
    await tool.carry_out(deployment)
    assert github.states() == ["queued", "in_progress", "failure"]


async def test_a_deployment_may_take_its_own_time(
    history: History, github: FakeStatuses
) -> None:
    endless = Tool(history, github, log_url=str, step_s=float("inf"))
    quick = replace(DEPLOYMENT, step_s=0)
    history.take(quick)
    await endless.carry_out(quick)
    assert history.unfinished() == []


@pytest.mark.parametrize("step", ["queued", "in_progress", "success"])
async def test_it_goes_on_where_it_was(
    step: str, tool: Tool, github: FakeStatuses
) -> None:
    tool.history.take(DEPLOYMENT)
    github.away_for = {step}
    await tool.carry_out(DEPLOYMENT)
    assert tool.history.unfinished() == [DEPLOYMENT]
    github.away_for = set()
    await tool.carry_out(DEPLOYMENT)
    assert github.states() == ["queued", "in_progress", "success"]
    assert len(await log_of(tool, 7)) == 3
    assert tool.history.unfinished() == []


def test_a_deployment_is_taken_once(history: History) -> None:
    assert history.take(DEPLOYMENT)
    assert not history.take(DEPLOYMENT)


async def test_the_log_is_followed_to_the_end(tool: Tool) -> None:
    tool.history.take(DEPLOYMENT)
    following = asyncio.create_task(log_of(tool, 7))
    await asyncio.wait([following], timeout=0)
    await tool.carry_out(DEPLOYMENT)
    assert len(await following) == 3
