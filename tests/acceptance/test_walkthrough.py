"""The pages whose every command has to work, one after the other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .command import Running
from .page import DOCS, Shell, blocks, follow

#: Each with how many blocks it has more than, of commands and of what they show.
PAGES = {
    "walkthrough.md": 10, "cli.md": 10, "permissions.md": 2, "differences.md": 1,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".gitploy").mkdir()
    return tmp_path


@pytest.fixture
def demo(folder: Path) -> Iterator[Running]:
    running = Running("demo", folder, data=folder / ".gitploy" / "demo")
    try:
        running.wait_until_ready()
        yield running
    finally:
        code = running.stop()
    assert code == 0, running.output


@pytest.fixture
def shell(folder: Path) -> Iterator[Shell]:
    shell = Shell(folder)
    yield shell
    shell.close()


@pytest.mark.parametrize("page", PAGES)
def test_each_command_does_what_the_page_says(
    page: str, demo: Running, shell: Shell
) -> None:
    assert shutil.which("git")
    follow(DOCS / page, demo, shell)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_shows_something_after_most_commands(page: str) -> None:
    kinds = [kind for kind, _ in blocks(DOCS / page)]
    assert kinds.count("sh") > PAGES[page]
    assert kinds.count("text") > PAGES[page]
