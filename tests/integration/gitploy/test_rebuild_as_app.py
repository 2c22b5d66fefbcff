"""Rows are made again wherever the services' own settings are at hand."""

from pathlib import Path

import pytest

from standalone.rebuild import rebuild_gateway


async def test_github_is_not_needed_whoever_gitploy_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITPLOY_GITHUB_APP_CLIENT_ID", "Iv23")
    monkeypatch.setenv("GITPLOY_GITHUB_APP_PRIVATE_KEY", "a key that isn't looked at")
    assert await rebuild_gateway(f"sqlite:///{tmp_path}/") == 0
