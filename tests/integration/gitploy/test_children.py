"""Children that are started again when they die and end with their parent."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitploy.failing import CommandError
from gitploy.local.children import OURS, STOP_ON_STDIN_EOF, Child, living
from gitploy.local.embedded import environment
from shared.testing import until

#: Says that it lives, and ends with its standard input.
PROGRAM = """
import sys
print("ready", flush=True)
sys.stdin.read()
"""
PARENT = """
import asyncio, sys
from pathlib import Path
from gitploy.local.children import Child, living

async def main():
    folder, lock = Path(sys.argv[1]), open(sys.argv[1] + "/lock", "w")
    child = Child("child", ["program"], {}, folder, lock.fileno(), print)
    async with living(child):
        await child.says("ready")
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture(autouse=True)
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "broken.py").write_text("raise SystemExit('no such thing')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    with (tmp_path / "lock").open("w") as file:
        yield file.fileno()


def pid_of(child: Child) -> int:
    return int(child.pid_file.read_text())


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_one_that_dies_is_started_again_and_said_so(
    tmp_path: Path, lock: int
) -> None:
    deaths: list[str] = []
    child = Child("child", ["program"], {}, tmp_path, lock, deaths.append)
    async with living(child):
        await child.unless_it_dies(child.says("ready"))
        first = pid_of(child)
        os.kill(first, signal.SIGKILL)
        await until(lambda: pid_of(child) != first)
        second = pid_of(child)
    assert deaths == ["child ended (signal 9): starting it again."]
    assert gone(second)
    assert not child.pid_file.exists()


@pytest.mark.parametrize(
    ("hears", "found"),
    [
        (None, {"GITPLOY_OWN"}),
        ("GITPLOY_SANDBOX_", {"GITPLOY_OWN", "GITPLOY_SANDBOX_DELAY"}),
        (OURS, {"GITPLOY_OWN", "GITPLOY_SANDBOX_DELAY", "GITPLOY_API_TOKEN"}),
    ],
)
async def test_it_finds_no_secrets_that_are_not_meant_for_it(
    tmp_path: Path,
    lock: int,
    monkeypatch: pytest.MonkeyPatch,
    hears: str | None,
    found: set[str],
) -> None:
    monkeypatch.setenv("GITPLOY_API_TOKEN", "secret")
    monkeypatch.setenv("GITPLOY_SANDBOX_DELAY", "1")
    (tmp_path / "teller.py").write_text(
        "import os, sys\nprint(*os.environ, 'ready', flush=True)\nsys.stdin.read()\n"
    )
    own = {"GITPLOY_OWN": "1"}
    child = Child("child", ["teller"], own, tmp_path, lock, print, hears)
    async with living(child):
        await child.unless_it_dies(child.says("ready"))
        told = {name for name in child.log.read_text().split() if OURS in name}
    assert told == found | {STOP_ON_STDIN_EOF}


def test_settings_leave_the_environment_as_it_was() -> None:
    before = dict(os.environ)
    with environment({"GITPLOY_API_TOKEN": "secret"}):
        assert os.environ["GITPLOY_API_TOKEN"] == "secret"
    assert dict(os.environ) == before


async def test_one_that_can_not_start_says_why(tmp_path: Path, lock: int) -> None:
    (tmp_path / "child.log").write_text("what an earlier start said\nready\n")
    child = Child("child", ["broken"], {}, tmp_path, lock, lambda _: None)
    async with living(child):
        with pytest.raises(
            CommandError, match=r"^child does not start: no such thing "
        ):
            await child.unless_it_dies(child.says("ready"))


async def test_it_ends_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout
    assert await parent.stdout.readline() == b"up\n"
    child = int((tmp_path / "child.pid").read_text())
    assert not gone(child)
    parent.kill()
    await parent.wait()
    await until(lambda: gone(child))
