"""docs/walkthrough.md, word for word: its commands in a shell, beside a new demo.

Each block of commands has to succeed. What the page says is seen then has to be seen,
in the demo's terminal or in the shell's; `…` stands for anything.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from .command import Running
from .system import eventually

PAGE = Path(__file__).parents[2] / "docs" / "walkthrough.md"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
#: The shell says it when it is through with a block.
DONE = "the-block-is-done"


class Shell:
    """A second terminal, which ends at the first command that fails."""

    def __init__(self, folder: Path) -> None:
        bin_ = Path(sys.executable).parent
        self.output = folder / "shell.txt"
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                ["bash", "-eo", "pipefail"],
                cwd=folder,
                env={**os.environ, "PATH": f"{bin_}:{os.environ['PATH']}"},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                text=True,
            )

    def run(self, commands: str) -> None:
        """Have it do a block, and wait for the end of it."""
        before = self.text.count(DONE)
        assert self._process.stdin
        self._process.stdin.write(f"{commands}\necho {DONE}\n")
        self._process.stdin.flush()
        eventually(partial(self._is_through, commands, before), bool)

    def _is_through(self, commands: str, before: int) -> bool:
        if self.text.count(DONE) > before:
            return True
        assert self._process.poll() is None, f"{commands}\nended with:\n{self.text}"
        return False

    @property
    def text(self) -> str:
        return self.output.read_text()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


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


def blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(PAGE.read_text())


def test_each_command_does_what_the_page_says(demo: Running, shell: Shell) -> None:
    assert shutil.which("git")
    told = (0, 0)
    for kind, text in blocks():
        if kind == "sh":
            told = len(demo.output), len(shell.text)
            shell.run(text)
            continue
        lines = text.splitlines()
        eventually(partial(unseen, demo, shell, told, lines), lambda left: not left)


def unseen(
    demo: Running, shell: Shell, told: tuple[int, int], lines: list[str]
) -> list[str]:
    """What the page shows and was not said since the commands before it."""
    new = f"{demo.output[told[0] :]}\n{shell.text[told[1] :]}".splitlines()
    return [line for line in lines if not any(map(pattern(line).search, new))]


def pattern(line: str) -> re.Pattern[str]:
    words = [".*".join(map(re.escape, word.split("…"))) for word in line.split()]
    return re.compile(r"\s+".join(words))


def test_the_page_shows_something_after_most_commands() -> None:
    kinds = [kind for kind, _ in blocks()]
    assert kinds.count("sh") > 15
    assert kinds.count("text") > 15
