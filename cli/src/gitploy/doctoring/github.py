"""What GitHub can tell an operator: the webhook, its secret, its last delivery.

The gateway has none of it, so GitHub is asked with the services' own settings.
"""

import os
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp

from gitploy.doctoring.app import API, APP, HOOKS_URL, KEY, of_app
from gitploy.doctoring.delivery import delivery, nothing_delivered
from gitploy.doctoring.finding import Finding, bad, doubtful, good, unknown
from shared.connections import proxy_of

TOKEN: Final = "GITPLOY_GITHUB_TOKEN"  # noqa: S105 - its name
#: Without these Gitploy learns of nothing, or late.
NEEDED: Final = frozenset({"deployment_status", "push"})
WITHIN: Final = aiohttp.ClientTimeout(total=20)
Answer = tuple[int, Any]


async def of_github(
    name: str | None, webhook_id: int, settings: Mapping[str, str] = os.environ
) -> AsyncIterator[Finding]:
    """Whether GitHub would tell Gitploy what happens, in a repository or at all."""
    if not settings.get(TOKEN):
        if settings.get(APP):
            async for finding in of_app(name, settings):
                yield finding
            return
        yield unknown(
            "webhook",
            "GitHub was not asked about the webhook, its secret and deliveries.",
            f"Set {TOKEN}, or {APP} and {KEY}, and {API} and {HOOKS_URL}, as the "
            "services have them.",
        )
        return
    if name is None:
        return
    url = settings.get(API) or "https://api.github.com"
    headers = {
        "Authorization": f"Bearer {settings[TOKEN]}",
        "Accept": "application/vnd.github+json",
        "User-Agent": "gitploy",
    }
    async with aiohttp.ClientSession(
        url.rstrip("/") + "/", headers=headers, timeout=WITHIN, proxy=proxy_of(url)
    ) as session:
        try:
            async for finding in _found(session, name, webhook_id, settings):
                yield finding
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            said = f"{url} gives no answer that can be read: {error}."
            yield bad("GitHub", said, f"Is {API} right, and GitHub up?")


async def _found(
    session: aiohttp.ClientSession,
    name: str,
    webhook_id: int,
    settings: Mapping[str, str],
) -> AsyncIterator[Finding]:
    status, told = await _get(session, f"repos/{quote(name)}")
    yield _token(name, status, told)
    if status != 200:
        return
    path = f"repos/{quote(name)}/hooks/{webhook_id}"
    status, hook = await _get(session, path)
    if status != 200:
        yield _no_hook(name, status)
        return
    yield _hook(name, hook, settings.get(HOOKS_URL))
    yield _secret(name, hook)
    status, deliveries = await _get(session, f"{path}/deliveries?per_page=1")
    if status == 200:
        yield _last(name, deliveries)


async def _get(session: aiohttp.ClientSession, path: str) -> Answer:
    async with session.get(path) as answer:
        return answer.status, await answer.json(content_type=None)


def _token(name: str, status: int, told: Any) -> Finding:
    if status == 200:
        may = told.get("permissions") or {}
        if may.get("push") or not may:
            return good("GitHub token", f"GitHub shows it {name}.")
        return bad(
            "GitHub token",
            f"It may not write to {name}.",
            "Gitploy writes deployments with it: give its user that permission.",
        )
    said = {
        401: "GitHub doesn't take it.",
        403: f"GitHub forbids it: {(told or {}).get('message')}.",
        404: f"GitHub shows it no {name}.",
    }.get(status, f"GitHub answers HTTP {status}.")
    do = f"Renew {TOKEN}, or give its user access to the repository."
    return bad("GitHub token", said, do)


def _no_hook(name: str, status: int) -> Finding:
    if status == 404:
        return bad(
            "webhook",
            "GitHub has none of Gitploy's, or its token may not see it.",
            f"`gitploy repo activate {name}` makes it; it wants admin:repo_hook.",
        )
    do = "It wants the scope admin:repo_hook, or Webhooks: write."
    return bad("webhook", f"GitHub doesn't show it: HTTP {status}.", do)


def _hook(name: str, hook: Any, expected: str | None) -> Finding:
    again = f"`gitploy repo activate {name}` mends it."
    url = hook["config"].get("url")
    if not hook["active"]:
        return bad("webhook", "It is switched off at GitHub.", again)
    if lacking := NEEDED - set(hook["events"]):
        return bad("webhook", f"It lacks {', '.join(sorted(lacking))}.", again)
    if expected is None:
        do = f"Compare that with {HOOKS_URL} of the services."
        return doubtful("webhook", f"It goes to {url}.", do)
    if url != expected:
        said = f"It goes to {url}, and {HOOKS_URL} is {expected}."
        return bad("webhook", said, f"{again[:-1]}, and then delete the old one.")
    return good("webhook", f"It goes to {url}.")


def _secret(name: str, hook: Any) -> Finding:
    if hook["config"].get("secret"):
        return good("secret", "There is one; GitHub doesn't tell which.")
    do = f"`gitploy repo activate {name}` sets it: unsigned webhooks are refused."
    return bad("secret", "The webhook has none.", do)


def _last(name: str, deliveries: Any) -> Finding:
    if not deliveries:
        do = "Push something, or ping it on GitHub's page of the webhook."
        return nothing_delivered(do)
    told = deliveries[0]
    return delivery(
        when=datetime.fromisoformat(told["delivered_at"]),
        event=told["event"],
        code=told.get("status_code") or 0,
        status=told.get("status") or "",
        resign=f"then `gitploy repo activate {name}`",
    )
