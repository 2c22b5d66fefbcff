"""A verifier over a store in memory: people ask, GitHub answers, time passes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from shared.contracts import (
    VERIFIER,
    Approval,
    ChecksPending,
    DeployConfirmed,
    DeployQueued,
    DeployRequested,
    Event,
    Fact,
    Message,
    Override,
    Person,
    QueueMoved,
    Ref,
    RefRejected,
    RefVerified,
    Repository,
    ReviewRequested,
)
from shared.messaging import Retry
from shared.store import Store
from shared.testing import FakeClock, said
from verifier.application import HANDLERS, Verifier
from verifier.domain.environment import Environment, environment_id
from verifier.domain.found import Contexts, Found, Named, People, Standing
from verifier.ports import NoAnswerError

from .examples import MAIN, REPOSITORY, FakeGitHub, contexts, found, request, status

F = TypeVar("F", bound=Fact)
BEN = Person(id=2, login="ben")
EVE = Person(id=3, login="eve")
HOLDS = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
STAGING = environment_id(REPOSITORY, "staging")
REVIEW = "review: {enabled: true, reviewers: [ann, ben, eve]}"


def id_of(number: int) -> UUID:
    return UUID(int=number)


def sha_of(number: int) -> str:
    return f"{number:040x}"


class Hub(FakeGitHub):
    """GitHub: everybody is an administrator; each commit has checks of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.head = sha_of(1)
        self.checks: dict[str, Contexts] = {}
        #: Its API does not show commits yet.
        self.hidden = False
        #: It says nothing of people.
        self.people_down = False
        #: Where it was asked last, and for which file.
        self.repository, self.path = REPOSITORY, ""

    def down(self) -> None:
        self.trouble = NoAnswerError("GitHub is down")

    async def look(
        self,
        repository: Repository,
        ref: Ref,
        *,
        sha: str | None = None,
        path: str = "deploy.yml",
    ) -> Found | None:
        self.repository, self.path = repository, path
        answer = await super().look(repository, ref, sha=sha, path=path)
        meant = None if self.hidden else sha or self.head
        if answer and meant is None:
            return replace(answer, sha=None)
        told = self.checks.get(meant or "", contexts(test="success"))
        return replace(answer, sha=meant, contexts=told) if answer else None

    async def contexts(self, repository: Repository, sha: str) -> Contexts | None:
        self.repository = repository
        await super().contexts(repository, sha)
        return self.checks.get(sha, contexts(test="success"))

    async def people(self, repository: Repository, named: Named) -> People:
        if self.people_down:
            raise NoAnswerError("GitHub says nothing of people")
        who = {p.login: Standing(p, "admin") for p in (BEN, EVE)}
        ann = {"ann": Standing(Person(id=1, login="ann"), "admin")}
        return People({**who, **ann})


class World:
    """Environments called `staging`, ruled as a test says, and `canary`."""

    def __init__(self, rules: str = "serialization: true") -> None:
        self.clock = FakeClock()
        self.store = Store.open(VERIFIER, "memory://", clock=self.clock)
        self.github = Hub()
        self.rules(rules)
        self.verifier = Verifier(self.store, self.github, HOLDS)

    def rules(self, text: str) -> None:
        """From now on `deploy.yml` says this of the environment."""
        staging = "{name: staging, " + text + "}"
        self.github.answer = found(text="envs: [{name: canary}, " + staging + "]")

    def broken(self, text: str) -> None:
        """From now on this is all that `deploy.yml` says."""
        self.github.answer = found(text=text)

    def checks(self, number: int, **words: str) -> None:
        """What is reported about a commit, from now on."""
        self.github.checks[sha_of(number)] = contexts(**words)

    # What is said to the verifier.

    async def hear(self, event: Event, *, asked: bool = False) -> Retry | None:
        """Take a message; why it has to come again, if so."""
        return await self.deliver(said(event, asked=asked, time=self.clock()))

    async def deliver(self, message: Message[Any]) -> Retry | None:
        try:
            await HANDLERS[type(message.data)](self.verifier, message)
        except Retry as retry:
            return retry
        return None

    async def deploy(self, number: int, **changes: Any) -> Retry | None:
        return await self.hear(self.wanted(number, **changes))

    def wanted(self, number: int, **changes: Any) -> DeployRequested:
        given: dict[str, Any] = {
            "number": number,
            "environment": "staging",
            "requested_at": self.clock(),
            "not_after": self.clock() + timedelta(minutes=15),
        }
        return request(id_of(number), **given | changes)

    async def push(self, number: int, **changes: Any) -> Retry | None:
        """An auto deploy of the commit that has the same number."""
        given: dict[str, Any] = {
            "source": "push",
            "expected_sha": sha_of(number),
            "wait_for_checks": True,
            "ref": MAIN,
            "pushed_at": self.clock(),
        }
        return await self.deploy(number, **given | changes)

    async def confirm(
        self, number: int, *by: Person, id_: int = 1, **changes: Any
    ) -> Retry | None:
        """Somebody sends what these have approved."""
        at = self.clock()
        (shown,) = await self.said(number, ReviewRequested)
        given: dict[str, Any] = {
            "deployment_id": id_of(number),
            "confirmation_id": UUID(int=id_),
            "sha": shown.sha,
            "config_digest": shown.config_digest,
            "approvals": tuple(Approval(reviewer=p, approved_at=at) for p in by),
            "confirmed_by": BEN,
            "confirmed_at": at,
            "not_after": at + timedelta(minutes=15),
        }
        return await self.hear(DeployConfirmed.model_validate(given | changes))

    async def finish(self, number: int, state: str = "success") -> Retry | None:
        """The tooling has come to an end."""
        told = status(id_of(number), state)
        return await self.hear(told.model_copy(update={"created_at": self.clock()}))

    # What has come of it.

    async def facts(self, stream: UUID) -> list[Fact]:
        return [row.message.data for row in await self.store.read(stream)]

    async def said(self, number: int, kind: type[F]) -> list[F]:
        """What was said about a deployment, in its stream and in the environment's."""
        facts = [*await self.facts(id_of(number)), *await self.facts(STAGING)]
        id_ = id_of(number)
        return [
            f
            for f in facts
            if isinstance(f, kind) and getattr(f, "deployment_id", id_) == id_
        ]

    async def here(self) -> Environment:
        return await self.verifier.environments.get(STAGING)

    async def state(self, number: int) -> str:
        """How far it has come, in a word or two."""
        verdicts = await self.said(number, RefVerified | RefRejected)  # type: ignore[arg-type]
        for verdict in verdicts:
            return "verified" if isinstance(verdict, RefVerified) else verdict.code
        for told in reversed(await self.said(number, DeployQueued | QueueMoved)):  # type: ignore[arg-type]
            behind = f" behind {told.holder.number}" if told.holder else ""
            return f"place {told.position}{behind}"
        if await self.said(number, ReviewRequested):
            return "review"
        return "checks" if await self.said(number, ChecksPending) else "nothing"

    async def states(self, *numbers: int) -> list[str]:
        return [await self.state(number) for number in numbers]

    async def rejection(self, number: int) -> RefRejected:
        (rejected,) = await self.said(number, RefRejected)
        return rejected

    async def verdict(self, number: int) -> RefVerified:
        (verified,) = await self.said(number, RefVerified)
        return verified


def override(*codes: str) -> Override:
    return Override(checks=codes, reason="The shop is down")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def at(world: World, **since: float) -> datetime:
    return world.clock() + timedelta(**since)
