"""Child processes that are started again when they die, and end with their parent.

Each gets a pipe as its standard input and ends when that closes, which the kernel does
however the parent ended. Each writes to `NAME.log` in the data directory, and its
process id stands in `NAME.pid`. What is secret goes through the environment: arguments
show in the list of processes. Of ours each finds there what is meant for it, no more.
"""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from gitploy.failing import FAILED, WRONG, CommandError
from gitploy.local.kept import write_private

#: What belongs to Gitploy, its secrets among it.
OURS: Final = "GITPLOY_"
STOP_ON_STDIN_EOF: Final = "GITPLOY_STOP_ON_STDIN_EOF"
#: The pause before a process that died is started again, doubled each time.
FIRST_PAUSE_S: Final = 0.1
LAST_PAUSE_S: Final = 5.0
#: Who lived for so long is started again at once.
LIVED_S: Final = 10.0
#: How long a process may take to stop in order.
STOP_S: Final = 30.0
LOOK_EVERY_S: Final = 0.02
LOG_TAIL: Final = 500

T = TypeVar("T")


@dataclass
class Child:
    """One process, in as many lives as it needs."""

    name: str
    #: `python -m MODULE…`.
    module: list[str]
    env: Mapping[str, str]
    directory: Path
    #: The lock that it holds as long as it lives.
    lock: int
    #: Is told each time that it died.
    on_death: Callable[[str], None]
    #: Of Gitploy's variables in our own environment it finds those that begin so.
    hears: str | None = None
    _died: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    #: How it ended last.
    _code: int = field(default=0, init=False)
    #: Where in its log the first life begins.
    _begins: int = field(init=False)

    def __post_init__(self) -> None:
        self.log.touch()
        self._begins = self.log.stat().st_size

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"

    @property
    def environment(self) -> dict[str, str]:
        """All that it finds in its environment."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(OURS) or (self.hears and name.startswith(self.hears))
        }
        return {**inherited, **self.env, STOP_ON_STDIN_EOF: "1"}

    @property
    def pid_file(self) -> Path:
        return self.directory / f"{self.name}.pid"

    async def live(self) -> None:
        """Run until cancelled; what dies before that is started again."""
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_S
        try:
            while True:
                born = loop.time()
                self._code = await self._live_once()
                self._died.set()
                pause = FIRST_PAUSE_S if loop.time() - born > LIVED_S else pause
                how = _how(self._code)
                self.on_death(f"{self.name} ended ({how}): starting it again.")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LAST_PAUSE_S)
        finally:
            self.pid_file.unlink(missing_ok=True)

    async def says(self, words: str) -> None:
        """Wait until its log has these words."""
        while words not in self._said():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(LOOK_EVERY_S)

    async def unless_it_dies(self, work: Coroutine[Any, Any, T]) -> T:
        """Do work that needs the process for the first time.

        Raises:
            CommandError: The process died; the end of its log says why.
        """
        working = asyncio.ensure_future(work)
        dying = asyncio.ensure_future(self._died.wait())
        try:
            await asyncio.wait([working, dying], return_when="FIRST_COMPLETED")
            if not working.done():
                reason = self._said().strip().rpartition("\n")[2][-LOG_TAIL:]
                raise CommandError(
                    f"{self.name} does not start: {reason} (see {self.log})",
                    WRONG if self._code == WRONG else FAILED,
                )
            return working.result()
        finally:
            working.cancel()
            dying.cancel()

    def _said(self) -> str:
        with self.log.open(errors="replace") as log:
            log.seek(self._begins)
            return log.read()

    async def _live_once(self) -> int:
        # A pipe of our own: what an event loop makes may be a pair of sockets.
        theirs, ours = os.pipe()
        try:
            try:
                process = await self._start(theirs)
            finally:
                os.close(theirs)
            return await _to_its_end(process)
        finally:
            os.close(ours)

    async def _start(self, stdin: int) -> Process:
        with self.log.open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *self.module,
                env=self.environment,
                stdin=stdin,
                stdout=log,
                stderr=log,
                # Ctrl-C is ours: we end the processes, in order.
                start_new_session=True,
                pass_fds=[self.lock],
            )
        write_private(self.pid_file, f"{process.pid}\n")
        return process


async def listens(host: str, port: int) -> None:
    """Wait until somebody does."""
    while True:
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(LOOK_EVERY_S)
        else:
            writer.close()
            return


async def _to_its_end(process: Process) -> int:
    """How it ended. If we are cancelled, it is asked to stop; and made to."""
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


def _how(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


@asynccontextmanager
async def living(*children: Child) -> AsyncIterator[None]:
    """Keep them running to the end of the block; then stop them all at once."""
    tasks = [asyncio.create_task(child.live(), name=child.name) for child in children]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
