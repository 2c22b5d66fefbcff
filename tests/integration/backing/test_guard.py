"""A guarded server ends with its parent, and its directory is free only then."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from gitploy.local.backing import ServerError, process
from gitploy.local.backing.process import GuardedProcess, locked
from tests.acceptance.system import eventually

#: Writes its pid and then how it was ended, unless it was killed.
SERVER = """
import os, signal, sys, time
directory = sys.argv[1]
def stop(number, frame):
    open(directory + "/stopped", "w").write(str(number))
    sys.exit()
signal.signal(signal.SIGTERM, stop)
open(directory + "/pid", "w").write(str(os.getpid()))
time.sleep(60)
"""

PARENT = """
import sys, time
from pathlib import Path
from gitploy.local.backing.process import GuardedProcess
directory, server = Path(sys.argv[1]), sys.argv[2]
GuardedProcess().start(directory, [sys.executable, "-c", server, str(directory)])
time.sleep(60)
"""


def start(server: GuardedProcess, directory: Path) -> None:
    server.start(directory, [sys.executable, "-c", SERVER, str(directory)])
    log = directory / "server.log"
    server.wait_until(partial(lives, directory), name="it", log=log, limit_s=60)


def lives(directory: Path) -> bool:
    """Whether it has written its pid, and not only made the file."""
    pid = directory / "pid"
    return pid.exists() and bool(pid.read_text())


def test_stop_asks_the_server_to_end(tmp_path: Path) -> None:
    server = GuardedProcess()
    start(server, tmp_path)
    server.stop()
    assert (tmp_path / "stopped").read_text() == str(signal.SIGTERM.value)
    assert not server.running()


def test_kill_does_not_ask(tmp_path: Path) -> None:
    server = GuardedProcess()
    start(server, tmp_path)
    server.kill()
    assert not (tmp_path / "stopped").exists()
    assert not server.running()


def test_the_server_is_asked_to_end_when_its_parent_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, tmp_path, SERVER]) as parent:
        eventually(partial(lives, tmp_path), bool)
        parent.kill()
    with locked(tmp_path):
        assert (tmp_path / "stopped").exists()


def test_the_next_start_waits_for_the_end_of_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "LOCK_S", 0.1)
    server = GuardedProcess()
    start(server, tmp_path)
    with pytest.raises(ServerError, match="is in use"):
        start(GuardedProcess(), tmp_path)
    server.stop()
    (tmp_path / "pid").unlink()
    start(server, tmp_path)
    server.kill()


def test_a_server_that_ends_while_starting_is_an_error_with_its_last_words(
    tmp_path: Path,
) -> None:
    server = GuardedProcess()
    server.start(tmp_path, [sys.executable, "-c", "exit('no space left')"])
    with pytest.raises(ServerError, match=r"(?s)ended while starting.*no space left"):
        server.wait_until(
            lambda: False, name="it", log=tmp_path / "server.log", limit_s=60
        )


def test_a_signal_to_the_parents_group_does_not_reach_the_server(
    tmp_path: Path,
) -> None:
    server = GuardedProcess()
    start(server, tmp_path)
    pid = int((tmp_path / "pid").read_text())
    assert os.getpgid(pid) != os.getpgid(os.getpid())
    server.kill()
