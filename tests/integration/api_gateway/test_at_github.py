"""The gateway's questions, answered by the sandbox over a git repository."""

import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from api_gateway.github import Cache, GitHubRepositories
from api_gateway.ports import (
    FoundFile,
    NotCoveredError,
    RefUnknownError,
    RepositoryUnknownError,
    TokenRefusedError,
)
from github_sandbox.bootstrap import build as build_sandbox
from github_sandbox.settings import Settings as SandboxSettings
from github_sandbox.settings import stable_number
from shared.contracts import Repository
from shared.github import READING, AppAuth, Auth, GitHubClient, TokenAuth
from shared.store import utc_now
from tests.integration.github_sandbox.signing import APP, PEM

NAME, TOKEN = "octo/shop", "sandbox-token"
SHOP = Repository(id=stable_number(NAME), full_name=NAME)


class Git:
    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(["git", "init", "-q", "-b", "main", path], check=True)

    def __call__(self, *arguments: str) -> str:
        who = ["-c", "user.name=Mona", "-c", "user.email=mona@example.com"]
        command = ["git", "-C", str(self.path), *who, *arguments]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, content: bytes, path: str = "deploy.yml") -> str:
        (self.path / path).parent.mkdir(exist_ok=True)
        (self.path / path).write_bytes(content)
        self("add", path)
        self("commit", "-q", "-m", f"Change {path}")
        return self("rev-parse", "HEAD")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    made = Git(tmp_path / "shop")
    made.commit(b"on main")
    return made


@pytest.fixture
async def sandbox(git: Git, tmp_path: Path) -> AsyncIterator["GitHub"]:
    settings = SandboxSettings(
        repository=git.path,
        full_name=NAME,
        data=tmp_path / "sandbox",
        tokens={TOKEN: "mona"},
        watch_every_s=0.02,
        app=APP,
    )
    async with (
        TestServer(build_sandbox(settings)) as server,
        ClientSession() as session,
    ):
        url = str(server.make_url("")).rstrip("/")
        yield GitHub(session, url)


@pytest.fixture
def github(sandbox: "GitHub") -> GitHubRepositories:
    return sandbox.asked_with(TokenAuth(TOKEN))


@dataclass(frozen=True)
class GitHub:
    session: ClientSession
    url: str

    def asked_with(self, auth: Auth) -> GitHubRepositories:
        client = GitHubClient(self.session, self.url, f"{self.url}/graphql", auth)
        return GitHubRepositories(client, Cache(utc_now), utc_now)

    async def change_app(self, **told: bool) -> None:
        async with self.session.put(f"{self.url}/_sandbox/app", json=told) as answer:
            assert answer.status == 200


async def content(
    github: GitHubRepositories, repository: Repository, path: str, ref: str | None
) -> FoundFile:
    return (await github.read_file(repository, path, ref)).value


async def test_an_app_finds_what_its_installation_covers(sandbox: GitHub) -> None:
    github = sandbox.asked_with(AppAuth(APP.client.id, PEM, needs=READING))
    assert await github.find_repository(NAME) == SHOP
    assert (await content(github, SHOP, "deploy.yml", None)).text == "on main"
    await sandbox.change_app(covers=False)
    fresh = sandbox.asked_with(AppAuth(APP.client.id, PEM, needs=READING))
    with pytest.raises(NotCoveredError, match="/apps/gitploy/installations/new") as e:
        await fresh.find_repository(NAME)
    assert e.value.code == "app_not_installed"


async def test_a_repository_is_found_by_its_name(github: GitHubRepositories) -> None:
    assert await github.find_repository("OCTO/shop") == SHOP
    with pytest.raises(RepositoryUnknownError):
        await github.find_repository("octo/nope")


async def test_a_token_that_github_refuses_is_told_to_be_gitploys(
    sandbox: GitHub,
) -> None:
    github = sandbox.asked_with(TokenAuth("no such token"))
    with pytest.raises(TokenRefusedError) as refused:
        await github.find_repository(NAME)
    assert refused.value.own


async def test_without_a_ref_the_default_branch_counts(
    git: Git, github: GitHubRepositories
) -> None:
    head = git("rev-parse", "main")
    git("checkout", "-q", "-b", "feature")
    git.commit(b"on feature")
    assert await content(github, SHOP, "deploy.yml", None) == FoundFile(head, "on main")


async def test_a_branch_a_tag_and_a_commit_are_refs(
    git: Git, github: GitHubRepositories
) -> None:
    old = git("rev-parse", "main")
    git("tag", "-a", "v1", "-m", "annotated")
    git("tag", "light")
    git("checkout", "-q", "-b", "feature/one")
    new = git.commit(b"on feature")
    for ref in ("v1", "light", old, "refs/tags/v1"):
        assert await content(github, SHOP, "deploy.yml", ref) == FoundFile(
            old, "on main"
        )
    found = await content(github, SHOP, "deploy.yml", "feature/one")
    assert found == FoundFile(new, "on feature")


async def test_a_file_may_be_elsewhere_or_missing(
    git: Git, github: GitHubRepositories
) -> None:
    head = git.commit(b"elsewhere", "deploy/eu.yml")
    found = await content(github, SHOP, "deploy/eu.yml", None)
    assert found == FoundFile(head, "elsewhere")
    assert await content(github, SHOP, "nope.yml", None) == FoundFile(head, None)


async def test_what_is_no_text_is_said_so(git: Git, github: GitHubRepositories) -> None:
    head = git.commit(b"\x00\x01\xff")
    found = await content(github, SHOP, "deploy.yml", None)
    assert found == FoundFile(head, None, readable=False)
    git.commit(b"in a folder", "folder/file")
    found = await content(github, SHOP, "folder", None)
    assert (found.text, found.readable) == (None, False)


async def test_an_unknown_ref_or_repository_is_said_so(
    github: GitHubRepositories,
) -> None:
    with pytest.raises(RefUnknownError):
        await github.read_file(SHOP, "deploy.yml", "nope")
    other = Repository(id=1, full_name=NAME)
    with pytest.raises(RepositoryUnknownError):
        await github.read_file(other, "deploy.yml", None)
    with pytest.raises(RepositoryUnknownError):
        await github.read_file(
            Repository(id=2, full_name="octo/nope"), "deploy.yml", None
        )
