"""The two things that the tool writes to GitHub: its hook and deployment statuses.

A request that got no clear answer is repeated for a while. For statuses that is
harmless: GitHub only appends them, and the same one twice says nothing new. The hook is
looked for again each time before it is made.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

DELAY_S, LONGEST_DELAY_S = 0.1, 5.0
TIMEOUT = aiohttp.ClientTimeout(total=10)


class GitHubError(Exception):
    """GitHub refused, or gave no answer for as long as we ask."""


class UnansweredError(GitHubError):
    """Worth another try; `after` is what GitHub asked us to wait, in seconds."""

    def __init__(self, message: str, *, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True)
class GitHub:
    session: aiohttp.ClientSession
    #: The repository's address in the API: `https://…/repos/owner/name`.
    repository_url: str
    token: str
    patience_s: float = 600.0

    async def post_status(
        self, deployment_id: int, *, state: str, description: str, log_url: str
    ) -> None:
        status = {"state": state, "description": description, "log_url": log_url}
        path = f"deployments/{deployment_id}/statuses"
        await self._insist(lambda: self._request("POST", path, status))

    async def ensure_hook(self, url: str, secret: str) -> None:
        """Make the repository's webhook for deployments unless there is one."""

        async def look_then_make() -> None:
            known = await self._request("GET", "hooks?per_page=100")
            if not any(hook["config"].get("url") == url for hook in known):
                config = {"url": url, "content_type": "json", "secret": secret}
                hook = {"name": "web", "events": ["deployment"], "config": config}
                await self._request("POST", "hooks", hook)

        await self._insist(look_then_make)

    async def _insist(self, attempt: Callable[[], Awaitable[Any]]) -> None:
        delay, last = DELAY_S, ""
        try:
            async with asyncio.timeout(self.patience_s):
                while True:
                    try:
                        await attempt()
                    except UnansweredError as error:
                        last = str(error)
                        await asyncio.sleep(max(delay, error.after))
                        delay = min(2 * delay, LONGEST_DELAY_S)
                    else:
                        return
        except TimeoutError as error:
            tried = f"no clear answer for {self.patience_s:.0f} s"
            raise GitHubError(f"{tried}; {last}") from error

    async def _request(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self.repository_url}/{path}"
        headers = {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "User-Agent": "deploy-tool",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        try:
            async with self.session.request(
                method, url, json=body, headers=headers, timeout=TIMEOUT
            ) as answer:
                if answer.ok:
                    return await answer.json()
                said = f"{method} {url}: {answer.status} {await answer.text()}"
                raise refusal(answer, said)
        except (aiohttp.ClientError, TimeoutError, json.JSONDecodeError) as error:
            raise UnansweredError(f"{method} {url}: {error!r}") from error


def refusal(answer: aiohttp.ClientResponse, said: str) -> GitHubError:
    wait = answer.headers.get("Retry-After", "")
    if answer.status >= 500 or answer.status == 429 or wait:
        return UnansweredError(said, after=float(wait) if wait.isdigit() else 0.0)
    return GitHubError(said)
