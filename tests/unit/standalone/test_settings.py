"""One object has the settings of four services: no name may mean two things."""

from collections import Counter

import pytest
from pydantic import ValidationError

from standalone.settings import Settings

NEEDED = {
    "GITPLOY_HOOKS_URL": "https://gitploy.example.com/hooks",
    "GITPLOY_WEBHOOK_SECRET": "s",
    "GITPLOY_API_TOKEN": "t",
    "GITPLOY_GITHUB_TOKEN": "g",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NEEDED.items():
        monkeypatch.setenv(name, value)


def test_it_needs_no_broker_and_no_database() -> None:
    settings = Settings()
    assert settings.database.directory.name == "data"
    assert settings.http_port == 8080


@pytest.mark.parametrize("url", ["postgresql://localhost/x", "data", "memory://"])
def test_its_database_is_a_directory(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("GITPLOY_DATABASE_URL", url)
    with pytest.raises(ValidationError, match="directory"):
        Settings()


def test_what_services_derive_from_their_settings_has_different_names() -> None:
    derived = Counter(
        name
        for service in Settings.__bases__
        for name, value in vars(service).items()
        if isinstance(value, property) and not name.startswith("_")
    )
    assert derived
    assert set(derived.values()) == {1}
