"""A page of the documentation, word for word: its commands in a shell, beside a demo.

Each block of commands has to succeed. What the page says is seen then has to be seen,
in the demo's terminal or in the shell's; `…` stands for anything.
"""

import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

from .command import Running
from .system import PATIENCE_S, eventually

DOCS = Path(__file__).parents[2] / "docs"
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
                env={
                    **os.environ,
                    "PATH": f"{bin_}:{os.environ['PATH']}",
                    # Whoever runs the tests keeps what is theirs.
                    "HOME": str(folder),
                    "XDG_CONFIG_HOME": str(folder / ".config"),
                },
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
        self._process.wait(PATIENCE_S)


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text())


def follow(page: Path, demo: Running, shell: Shell) -> None:
    """Do what the page says, and see what it says is seen."""
    told = (0, 0)
    for kind, text in blocks(page):
        if kind == "sh":
            told = len(demo.output), len(shell.text)
            shell.run(text)
            continue
        lines = text.splitlines()
        eventually(partial(_unseen, demo, shell, told, lines), lambda left: not left)


def _unseen(
    demo: Running, shell: Shell, told: tuple[int, int], lines: list[str]
) -> list[str]:
    """What the page shows and was not said since the commands before it."""
    new = f"{demo.output[told[0] :]}\n{shell.text[told[1] :]}".splitlines()
    return [line for line in lines if not any(map(_pattern(line).search, new))]


def _pattern(line: str) -> re.Pattern[str]:
    words = [".*".join(map(re.escape, word.split("…"))) for word in line.split()]
    return re.compile(r"\s+".join(words))
