"""How a command fails: one sentence with what to do, and an exit code."""

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from gitploy.text import printable

FAILED: Final = 1
WRONG: Final = 2
#: Whoever asks is not known, or may not do it.
FORBIDDEN: Final = 3
ABSENT: Final = 4
#: Nobody answered, or could just then.
UNREACHED: Final = 5
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class CommandError(Exception):
    """What went wrong, in a sentence for the person at the terminal."""

    def __init__(
        self, message: str, code: int = FAILED, more: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        #: What there is to say beyond the sentence, a line each.
        self.more = more


@contextmanager
def told() -> Iterator[None]:
    """Print the error that ends the block, and exit with its code."""
    try:
        yield
    except CommandError as error:
        sys.stderr.write(f"gitploy: {printable(error)}\n")
        sys.stderr.writelines(f"  {printable(line)}\n" for line in error.more)
        raise SystemExit(error.code) from error


@contextmanager
def writing() -> Iterator[None]:
    """Tell that the disk is full where the block's answer goes, and exit."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        # What waits to be written would fail once more at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"gitploy: Nothing more can be written: {error.strerror}.\n")
        raise SystemExit(FAILED) from error
