"""Where GitHub is, as the settings say it."""

import pytest

from shared.service import GitHubSettings


def told(monkeypatch: pytest.MonkeyPatch, **settings: str) -> GitHubSettings:
    for name, value in ({"TOKEN": "t"} | settings).items():
        monkeypatch.setenv(f"GITPLOY_GITHUB_{name}", value)
    return GitHubSettings()


def test_github_com_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch)
    assert settings.github_api_url == "https://api.github.com"
    assert settings.github_graphql_url == "https://api.github.com/graphql"
    assert settings.github_web_url == "https://github.com"


def test_the_other_doors_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch, API_URL="https://github.acme.example/api/v3/")
    assert settings.github_graphql_url == "https://github.acme.example/api/graphql"
    assert settings.github_web_url == "https://github.acme.example"


def test_what_is_told_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch, WEB_URL="https://web.example/")
    assert settings.github_web_url == "https://web.example"


def test_a_wrong_address_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="http") as raised:
        told(monkeypatch, API_URL="github.com")
    assert "github_api_url" in str(raised.value)
