"""The command at terminals that are narrow, know few characters, or go away."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest


def gitploy(*words: str, encoding: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "gitploy", *words],
        env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "40"},
        capture_output=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_help_and_errors_are_shown_in_any_encoding(encoding: str) -> None:
    shown = gitploy("serve", "--help", encoding=encoding)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert "--port" in shown.stdout.decode(encoding)
    refused = gitploy("repo", "get", "→/ü", encoding=encoding)
    assert refused.returncode == 2
    assert "is no repository" in refused.stderr.decode(encoding)


def at_a_terminal(script: str, columns: int) -> str:
    """What somebody sees of a program at a terminal of so many columns."""
    master, slave = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "COLUMNS": str(columns), "TERM": "xterm", "NO_COLOR": "1"},
        stdin=slave, stdout=slave, stderr=slave,
    )  # fmt: skip
    os.close(slave)
    seen = b""
    with contextlib.suppress(OSError):  # the end, on Linux
        while part := os.read(master, 65536):
            seen += part
    os.close(master)
    assert process.wait() == 0, seen
    return re.sub(r"\x1b\[[0-9;]*m", "", seen.decode())


LINK = "https://github.example.com/octo/shop/commit/4c78b9e3f111faf03c899c86a6d3a26"


@pytest.mark.parametrize(
    ("cell", "whole"), [(LINK, True), (LINK.replace("://", "-"), False)]
)
def test_a_link_is_not_folded_in_a_narrow_terminal(cell: str, whole: bool) -> None:
    script = (
        "from gitploy.output import Output, Table\n"
        f"rows = [('passed', 'ref', {cell!r})]\n"
        "Output().answer([], lambda: Table(('', 'Check', ''), rows, ''))"
    )
    seen = at_a_terminal(script, 40)
    assert (cell in seen) == whole
    assert " \r\n" not in seen
    assert cell in "".join(line.split()[-1] for line in seen.splitlines()[1:] if line)


WHOLE = [("--help",), ("--version",), ("config", "schema")]


@pytest.mark.parametrize("words", WHOLE, ids=str)
def test_whoever_reads_no_further_is_told_nothing(words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = written_to(writing, *words)
    assert (ended.returncode, ended.stderr) == (1, b"")


@pytest.mark.parametrize("words", WHOLE, ids=str)
def test_that_the_disk_is_full_is_one_sentence(words: tuple[str, ...]) -> None:
    ended = written_to(os.open("/dev/full", os.O_WRONLY), *words)
    told = b"gitploy: Nothing more can be written: No space left on device.\n"
    assert (ended.returncode, ended.stderr) == (1, told)


def test_nothing_is_written_where_nobody_listens() -> None:
    closed = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "gitploy"]
    away = "http://127.0.0.1:9"
    ended = subprocess.run(
        [*closed, "-H", away, "-T", "t0ken", "repo", "list"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 5
    assert ended.stderr.startswith(f"gitploy: {away} gives no answer".encode())


def written_to(file: int, *words: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "gitploy", *words]
    try:
        return subprocess.run(command, stdout=file, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(file)


def test_ctrl_c_while_it_is_loaded_ends_it_without_a_word(tmp_path: Path) -> None:
    slow = "import time\nprint('loading', flush=True)\ntime.sleep(60)\n"
    (tmp_path / "typer.py").write_text(slow)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, "-m", "gitploy", "repo", "list"],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"loading\n"
        process.send_signal(signal.SIGINT)
        told = process.communicate()
    assert (process.returncode, *told) == (-signal.SIGINT, b"", b"")
