"""GitHub, as far as Gitploy uses it: one method for each thing asked or written.

Reads return resources and raise `GitHubError`s; writes return outcomes and are never
repeated, redirected or delayed here. How either is done is in `calls`.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import aiohttp

from .answers import read_as
from .auth import Auth
from .calls import Reads, Writes
from .classify import (
    classify_create,
    classify_delete,
    classify_hook,
    classify_status,
)
from .graphql import GraphQLAnswer, read_graphql
from .limits import Clock, WriteBudget, utc_now
from .outcomes import CreateOutcome, DeleteOutcome, HookOutcome, StatusOutcome
from .questions import Question, Told
from .resources import (
    Account,
    Collaboration,
    Deployment,
    DeploymentStatus,
    Hook,
    HookConfig,
    HookDelivery,
    Installation,
    OwnApp,
    Repository,
)
from .wire import Call, OnCall, Repo, Timeouts, Wire

T = TypeVar("T")
DEPLOYMENTS = "/repos/{repo}/deployments"
DEPLOYMENT = "/repos/{repo}/deployments/{id}"
STATUSES = "/repos/{repo}/deployments/{id}/statuses"
HOOKS = "/repos/{repo}/hooks"
HOOK = "/repos/{repo}/hooks/{id}"
DELIVERIES = "/repos/{repo}/hooks/{id}/deliveries"
DELIVERY = "/repos/{repo}/hooks/{id}/deliveries/{delivery}"
PERMISSION = "/repos/{repo}/collaborators/{login}/permission"
INSTALLATION = "/repos/{owner}/{name}/installation"
APP_DELIVERIES = "/app/hook/deliveries"
APP_DELIVERY = "/app/hook/deliveries/{delivery}"
MEMBERS = "/orgs/{org}/teams/{team}/members"
PAGE = {"per_page": "100"}


class GitHubClient:
    """One token's view of one GitHub. A repository is `owner/name` or its numeric id.

    Args:
        session: Shared; closed by who made it.
        api_url: The REST API, e.g. `https://api.github.com`.
        graphql_url: Its GraphQL endpoint: not below `api_url` on Enterprise Server.
        auth: Whose behalf we act on.
        clock: The time now, in UTC.
        budget: How often may be written; ask its `ready_at` before an attempt.
        timeouts: In seconds.
        on_call: Told of every call, for metrics.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        graphql_url: str,
        auth: Auth,
        *,
        clock: Clock = utc_now,
        budget: WriteBudget | None = None,
        timeouts: Timeouts | None = None,
        on_call: OnCall | None = None,
    ) -> None:
        self.budget = budget or WriteBudget(clock=clock)
        self.timeouts = timeouts or Timeouts()
        wire = Wire(session, api_url, graphql_url, self.timeouts, clock, on_call)
        self._reads = Reads(wire, auth)
        self._writes = Writes(wire, auth, self.budget)

    async def graphql(
        self, query: str, variables: Mapping[str, Any], *, repo: Repo | None = None
    ) -> GraphQLAnswer:
        """Ask one question; an App must say for which repository it asks."""
        body = {"query": query, "variables": dict(variables)}
        call = Call("POST", "/graphql", repo, body=body)
        return read_graphql(await self._reads.answer(call))

    async def ask(
        self, question: Question[T], etag: str | None = None
    ) -> Told[T] | None:
        """Ask for what somebody keeps; none: what has this ETag still holds."""
        answer = await self._reads.changed(question.call, etag)
        if answer is None:
            return None
        value = question.read(answer)
        return Told(value, answer.headers.get("etag"), len(answer.body))

    async def get_repository(self, repo: Repo) -> Repository:
        answer = await self._reads.answer(Call("GET", "/repos/{repo}", repo))
        return read_as(Repository, answer)

    async def get_collaboration(self, repo: Repo, login: str) -> Collaboration:
        """What somebody may do there; `GitHubNotFound`: nobody is called so."""
        call = Call("GET", PERMISSION, repo, {"login": login})
        return read_as(Collaboration, await self._reads.answer(call))

    def list_team_members(
        self, org: str, team: str, *, repo: Repo
    ) -> AsyncIterator[Account]:
        """A team's members and those of the teams in it; asked for a repository."""
        ids = {"org": org, "team": team}
        return self._reads.pages(Account, Call("GET", MEMBERS, repo, ids, PAGE))

    async def create_deployment(
        self,
        repo: Repo,
        body: Mapping[str, Any],
        *,
        begin_by: datetime | None = None,
    ) -> CreateOutcome:
        """Create a deployment, once.

        Args:
            repo: Where.
            body: As GitHub takes it.
            begin_by: If the call can't begin by then, it is not made: `Unreachable`.
        """
        call = Call("POST", DEPLOYMENTS, repo, body=body, begin_by=begin_by)
        return await self._writes.outcome(call, classify_create)

    def list_deployments(
        self,
        repo: Repo,
        environment: str | None = None,
        task: str | None = None,
        sha: str | None = None,
        ref: str | None = None,
    ) -> AsyncIterator[Deployment]:
        """The deployments that match exactly; the newest come first, in practice."""
        wanted = {"environment": environment, "task": task, "sha": sha, "ref": ref}
        query = PAGE | {name: value for name, value in wanted.items() if value}
        return self._reads.pages(
            Deployment, Call("GET", DEPLOYMENTS, repo, query=query)
        )

    async def get_deployment(self, repo: Repo, deployment_id: int) -> Deployment:
        call = Call("GET", DEPLOYMENT, repo, {"id": deployment_id})
        return read_as(Deployment, await self._reads.answer(call))

    async def list_statuses(
        self, repo: Repo, deployment_id: int
    ) -> list[DeploymentStatus]:
        """All statuses of a deployment, in no order to rely on."""
        call = Call("GET", STATUSES, repo, {"id": deployment_id}, PAGE)
        return [status async for status in self._reads.pages(DeploymentStatus, call)]

    async def create_status(
        self,
        repo: Repo,
        deployment_id: int,
        body: Mapping[str, Any],
        *,
        begin_by: datetime | None = None,
    ) -> StatusOutcome:
        """Post a status, once; not at all if the call can't begin by then."""
        ids = {"id": deployment_id}
        call = Call("POST", STATUSES, repo, ids, body=body, begin_by=begin_by)
        return await self._writes.outcome(call, classify_status)

    async def list_hooks(self, repo: Repo) -> list[Hook]:
        call = Call("GET", HOOKS, repo, query=PAGE)
        return [hook async for hook in self._reads.pages(Hook, call)]

    async def get_hook(self, repo: Repo, hook_id: int) -> Hook:
        call = Call("GET", HOOK, repo, {"id": hook_id})
        return read_as(Hook, await self._reads.answer(call))

    async def create_hook(
        self, repo: Repo, url: str, secret: str, events: Iterable[str]
    ) -> HookOutcome:
        call = Call("POST", HOOKS, repo, body=_hook(url, secret, events))
        return await self._writes.outcome(call, classify_hook)

    async def update_hook(
        self, repo: Repo, hook_id: int, url: str, secret: str, events: Iterable[str]
    ) -> HookOutcome:
        """Make an existing webhook what `create_hook` would have made it."""
        body = _hook(url, secret, events)
        call = Call("PATCH", HOOK, repo, {"id": hook_id}, body=body)
        return await self._writes.outcome(call, classify_hook)

    async def delete_hook(self, repo: Repo, hook_id: int) -> DeleteOutcome:
        call = Call("DELETE", HOOK, repo, {"id": hook_id})
        return await self._writes.outcome(call, classify_delete)

    async def get_app(self) -> OwnApp:
        """Ourselves, if we are a GitHub App."""
        return read_as(OwnApp, await self._reads.answer(Call("GET", "/app")))

    async def get_installation(self, full_name: str) -> Installation:
        """The App's installation that covers a repository; asked as the App itself."""
        owner, _, name = full_name.partition("/")
        call = Call("GET", INSTALLATION, ids={"owner": owner, "name": name})
        return read_as(Installation, await self._reads.answer(call))

    async def get_app_hook(self) -> HookConfig:
        call = Call("GET", "/app/hook/config")
        return read_as(HookConfig, await self._reads.answer(call))

    def list_app_deliveries(
        self, status: str | None = None
    ) -> AsyncIterator[HookDelivery]:
        """The same as of a repository's webhook, for that of the App."""
        query = PAGE | ({"status": status} if status else {})
        return self._reads.pages(HookDelivery, Call("GET", APP_DELIVERIES, query=query))

    async def get_app_delivery(self, delivery_id: int) -> HookDelivery:
        call = Call("GET", APP_DELIVERY, ids={"delivery": delivery_id})
        return read_as(HookDelivery, await self._reads.answer(call))

    def list_hook_deliveries(
        self, repo: Repo, hook_id: int, status: str | None = None
    ) -> AsyncIterator[HookDelivery]:
        """The deliveries that GitHub remembers, newest first; `success`, `failure`."""
        query = PAGE | ({"status": status} if status else {})
        call = Call("GET", DELIVERIES, repo, {"id": hook_id}, query)
        return self._reads.pages(HookDelivery, call)

    async def get_hook_delivery(
        self, repo: Repo, hook_id: int, delivery_id: int
    ) -> HookDelivery:
        """One delivery with its request, to take in a webhook that did not arrive."""
        ids = {"id": hook_id, "delivery": delivery_id}
        answer = await self._reads.answer(Call("GET", DELIVERY, repo, ids))
        return read_as(HookDelivery, answer)


def _hook(url: str, secret: str, events: Iterable[str]) -> dict[str, Any]:
    config = {
        "url": url,
        "content_type": "json",
        "secret": secret,
        "insecure_ssl": "0",
    }
    return {"active": True, "events": sorted(events), "config": config}
