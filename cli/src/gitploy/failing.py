"""How a command fails: one sentence with what to do, and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FAILED: Final = 1
WRONG: Final = 2


class CommandError(Exception):
    """What went wrong, in a sentence for the person at the terminal."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def told() -> Iterator[None]:
    """Print the error that ends the block, and exit with its code."""
    try:
        yield
    except CommandError as error:
        sys.stderr.write(f"gitploy: {error}\n")
        raise SystemExit(error.code) from error
