"""The repository that a folder's git remotes name."""

import subprocess
from pathlib import Path

import pytest

from gitploy.failing import WRONG, CommandError
from gitploy.remotes import guessed, repository_of

FORK = "git@ghes.example:me/shop.git"
SHOP = "https://ghes.example/demo/shop.git"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True)


def test_the_one_remote_is_meant_whatever_it_is_called(folder: Path) -> None:
    git(folder, "remote", "add", "github", SHOP)
    below = folder / "src" / "deep"
    below.mkdir(parents=True)
    assert guessed(below) == "demo/shop"


def test_upstream_goes_before_origin_and_origin_before_others(folder: Path) -> None:
    git(folder, "remote", "add", "another", "https://x.example/an/other")
    git(folder, "remote", "add", "origin", FORK)
    assert guessed(folder) == "me/shop"
    git(folder, "remote", "add", "upstream", SHOP)
    assert guessed(folder) == "demo/shop"


def test_what_is_told_goes_before_the_folder(folder: Path) -> None:
    git(folder, "remote", "add", "origin", SHOP)
    assert repository_of("me/other", folder) == "me/other"
    assert repository_of("", folder) == "demo/shop"


def test_a_folder_that_names_none_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is none") as ended:
        guessed(tmp_path)
    assert ended.value.code == WRONG
    git(tmp_path, "init", "-q")
    git(tmp_path, "remote", "add", "origin", "/srv/shop.git")
    with pytest.raises(CommandError, match="there is origin"):
        guessed(tmp_path)
