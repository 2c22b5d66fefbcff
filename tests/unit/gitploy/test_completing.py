"""What the shell offers at Tab, as the shell asks for it."""

import pytest
from typer.testing import CliRunner

from gitploy.main import app

from .fake import NAME, REPO, URL, FakeGateway


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway(
        {
            "GET /repos": [{"namespace": "demo", "name": "shop"}],
            f"GET {REPO}/environments": [{"name": "production"}, {"name": "preview"}],
        }
    )
    monkeypatch.setattr("gitploy.client.reached", gateway.reach)
    return gateway


def offered(*words: str, **env: str) -> list[str]:
    told = {
        "_GITPLOY_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["gitploy", *words]),
        "COMP_CWORD": str(len(words)),
        "GITPLOY_SERVER_HOST": URL,
        "GITPLOY_TOKEN": "t0ken",
        **env,
    }
    done = CliRunner().invoke(app, [], prog_name="gitploy", env=told)
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["repo", "get", "d"], [NAME]),
        (["env", "get", NAME, "p"], ["production", "preview"]),
        (["deploy", NAME, "pre"], ["preview"]),
        (["deploy", "-R", NAME, "pro"], ["production"]),
        (["promote", NAME, "production", "pre"], ["preview"]),
    ],
)
def test_names_are_offered(
    gateway: FakeGateway, words: list[str], names: list[str]
) -> None:
    assert offered(*words) == names


def test_where_the_repository_is_left_out_environments_stand_first(
    gateway: FakeGateway,
) -> None:
    assert offered("deploy", "p", GITPLOY_REPO=NAME) == ["production", "preview"]
    assert offered("promote", "preview", "pro", GITPLOY_REPO=NAME) == ["production"]


def test_what_goes_wrong_offers_nothing(gateway: FakeGateway) -> None:
    gateway.answers.clear()
    assert offered("repo", "get", "d") == []
    assert offered("env", "get", NAME, "p") == []
