"""The text that people wrote, the text that is read, and how their places correspond.

Variables are put in before anything else is read, so what is read may differ from what
was written. People must be pointed at what they wrote: every place is counted there.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with a file, and where; lines and columns count from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass(frozen=True)
class Source:
    """A text and what became of it."""

    #: As it was written.
    written: str
    #: As it is read.
    text: str
    #: Where pieces begin: in what is read, and in what was written.
    pieces: Sequence[tuple[int, int]] = ((0, 0),)

    def problem(self, index: int, message: str) -> Problem:
        """Something about what stands there in the text that is read."""
        piece = bisect_right(self.pieces, index, key=itemgetter(0)) - 1
        begin, origin = self.pieces[piece]
        following = self.pieces[piece + 1 : piece + 2]
        end = following[0][1] - 1 if following else len(self.written)
        return self.written_problem(min(origin + index - begin, end), message)

    def written_problem(self, index: int, message: str) -> Problem:
        """Something about what stands there in the text that was written."""
        line = bisect_right(self._lines, min(index, len(self.written)))
        return Problem(line, index - self._lines[line - 1] + 1, message)

    def line(self, index: int) -> int:
        """The line of what stands there in the text that is read."""
        return self.problem(index, "").line

    @cached_property
    def _lines(self) -> list[int]:
        """Where each line begins in the text that was written."""
        begins = [0]
        for line in self.written.split("\n")[:-1]:
            begins.append(begins[-1] + len(line) + 1)
        return begins
