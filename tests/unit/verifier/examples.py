"""A repository, two deployments of it, and a GitHub that says what a test wants."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts import (
    DeployRequested,
    GitHubDeploymentCanceled,
    GitHubDeploymentGone,
    GitHubDeploymentRefused,
    Person,
    PinnedConfig,
    Ref,
    Repository,
    RollbackTarget,
    SlotReleaseRequested,
    StatusUpdated,
)
from shared.deploy_yml import Env, read
from shared.testing import T0
from verifier.domain.found import Contexts, File, Found, Named, People, Reported
from verifier.domain.reading import read as reading_of
from verifier.domain.resolution import RefResolved, resolve
from verifier.domain.wanted import Wanted
from verifier.ports import NoAnswerError

FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
REPOSITORY = Repository(id=7, full_name="octo/shop")
ANN = Person(id=1, login="ann")
MAIN = Ref(type="branch", name="main")
SHA = "a" * 40
HEAD = "b" * 40
FORMER = "d" * 40
PAGE = "https://github.com/octo/shop"

YAML = """\
envs:
  - name: production
  - name: staging
    serialization: true
"""


def request(id_: UUID = FIRST, **changes: Any) -> DeployRequested:
    given: dict[str, Any] = {
        "deployment_id": id_,
        "number": 1 if id_ == FIRST else 2,
        "repository": REPOSITORY,
        "environment": "production",
        "ref": MAIN,
        "requested_by": ANN,
        "requested_at": T0,
        "not_after": T0 + timedelta(minutes=15),
    }
    return DeployRequested(**given | changes)


def target(**changes: Any) -> RollbackTarget:
    """#7, which succeeded in production a while ago."""
    given: dict[str, Any] = {
        "deployment_id": SECOND,
        "number": 7,
        "sha": FORMER,
        "config": PinnedConfig(
            commit="e" * 40, digest="f" * 64, environment="production", payload={"a": 1}
        ),
    }
    return RollbackTarget(**given | changes)


def rollback(**changes: Any) -> DeployRequested:
    """A request to go back to #7."""
    to = changes.pop("to", target())
    return request(source="rollback", expected_sha=to.sha, rollback_of=to, **changes)


def found(**changes: Any) -> Found:
    """A green branch; `text` is what `deploy.yml` says."""
    text = changes.pop("text", YAML)
    known = Found(
        repository=REPOSITORY,
        page=PAGE,
        default_branch="main",
        head=HEAD,
        config_file=File(text),
        sha=SHA,
        author="bob",
        kinds=frozenset({"branch"}),
        behind_by=0,
        contexts=contexts(test="success"),
    )
    return replace(known, **changes)


def rules(text: str = "") -> Env:
    """Those of an environment called production; `text` is what it says besides."""
    return read("envs: [{name: production, " + text + "}, {name: staging}]").envs[
        "production"
    ]


def resolution(
    wanted: Wanted,
    answer: Found | None,
    now: datetime = T0,
    people: People | None = None,
) -> RefResolved:
    """What GitHub's answer means for what is wanted."""
    reading = reading_of(wanted, answer) if answer else None
    return resolve(wanted, reading, people or People(), now)


def contexts(**words: str) -> Contexts:
    """What was reported, by GitHub's words."""
    states = {"success": "passed", "failure": "failed"}
    return Contexts(
        tuple(
            Reported(name, states.get(word, "pending"), word)  # type: ignore[arg-type]
            for name, word in words.items()
        )
    )


def canceled(id_: UUID = FIRST, created: int | None = None) -> GitHubDeploymentCanceled:
    return GitHubDeploymentCanceled(
        deployment_id=id_, code="c", message="m", github_deployment_id=created
    )


def refused(id_: UUID = FIRST) -> GitHubDeploymentRefused:
    return GitHubDeploymentRefused(deployment_id=id_, code="stale", message="m")


def gone(id_: UUID = FIRST) -> GitHubDeploymentGone:
    return GitHubDeploymentGone(
        deployment_id=id_, repository=REPOSITORY, github_deployment_id=4001
    )


def release(id_: UUID = FIRST) -> SlotReleaseRequested:
    return SlotReleaseRequested(
        deployment_id=id_,
        repository=REPOSITORY,
        environment="production",
        cause="grace",
    )


def status(
    id_: UUID = FIRST, state: str = "success", *, ours: bool = False
) -> StatusUpdated:
    return StatusUpdated(
        deployment_id=id_,
        repository=REPOSITORY,
        github_deployment_id=4001,
        github_status_id=90,
        state=state,
        created_at=T0,
        ours=ours,
    )


class FakeGitHub:
    """Says what it was given, and counts how often it was asked."""

    def __init__(self, answer: Found | None = None) -> None:
        self.answer: Found | None = answer or found()
        self.reports: Contexts | None = contexts(test="success")
        self.trouble: NoAnswerError | None = None
        self.known = People()
        self.looks = 0
        self.questions = 0
        self.asked: list[tuple[Ref, str | None, str]] = []
        self.named: list[Named] = []
        self.people_of: list[Repository] = []

    async def look(
        self,
        repository: Repository,
        ref: Ref,
        *,
        sha: str | None = None,
        path: str = "deploy.yml",
    ) -> Found | None:
        self.looks += 1
        self.asked.append((ref, sha, path))
        if self.trouble:
            raise self.trouble
        return self.answer

    async def people(self, repository: Repository, named: Named) -> People:
        self.named.append(named)
        self.people_of.append(repository)
        if self.trouble:
            raise self.trouble
        return self.known

    async def contexts(self, repository: Repository, sha: str) -> Contexts | None:
        self.questions += 1
        if self.trouble:
            raise self.trouble
        return self.reports
