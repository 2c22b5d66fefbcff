"""What a command answers: to people in tables and sentences, to programs in JSON.

People who look at a terminal get columns, colours and distances in time; where the
output goes elsewhere, the same is tab-separated, with whole times and without titles.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitploy.picking import picked
from gitploy.text import NEVER, ago, printable, shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

#: What is told where there is nothing to tell.
NOTHING: Final = "-"
#: Spaces at a line's end, among what ends colours.
PADDING: Final = re.compile(r"(?: |\x1b\[[0-9;]*m)+$", re.MULTILINE)
#: Columns of a table that is as wide as it has to be.
UNBOUND: Final = 10_000


@dataclass(frozen=True)
class Time:
    """A time of the API; none at all where it was never set."""

    told: str | None

    @property
    def known(self) -> bool:
        return self.told not in (None, NEVER)


@dataclass(frozen=True)
class Styled:
    """A word in a colour."""

    word: str
    style: str


Cell = str | int | None | Time | Styled


@dataclass(frozen=True)
class Table:
    titles: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    #: Said instead of a table without rows.
    empty: str


#: For people: a table, or lines.
Answer = Table | Sequence[str]


class Output:
    def __init__(self, *, as_json: bool = False, program: str | None = None) -> None:
        self._program = program
        self.for_programs = as_json or program is not None
        self.terminal = sys.stdout.isatty()

    def answer(self, document: Any, for_people: Callable[[], Answer]) -> None:
        """The one thing that a command is asked for."""
        if self.for_programs:
            self.document(document)
            return
        told = for_people()
        if isinstance(told, Table):
            self._table(told)
        else:
            self.lines(told)

    def document(self, document: Any) -> None:
        """As JSON, or what was picked from it; texts without quotes."""
        if self._program is None:
            self._write(shown(document))
            return
        for part in picked(document, self._program):
            text = part if isinstance(part, str) else shown(part)
            self._write(printable(text) if self.terminal else text)

    def event(self, document: Any) -> None:
        """One of many, on a line of its own."""
        if self._program is None:
            self._write(json.dumps(document))
        else:
            self.document(document)

    def lines(self, lines: Sequence[str]) -> None:
        for line in lines:
            self._write(printable(line))

    def note(self, sentence: str) -> None:
        """For people alone, beside the answer."""
        if not self.for_programs:
            sys.stderr.write(f"{printable(sentence)}\n")

    @contextmanager
    def waiting(self, sentence: str) -> Iterator[None]:
        """Show a person at a terminal that something is waited for."""
        if self.for_programs or not sys.stderr.isatty():
            yield
            return
        with console(stderr=True).status(printable(sentence)):
            yield

    def _table(self, table: Table) -> None:
        if not table.rows:
            self.note(table.empty)
        elif self.terminal:
            _show(table)
        else:
            for row in table.rows:
                self._write("\t".join(printable(_plain(cell)) for cell in row))

    def _write(self, line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def console(*, stderr: bool = False, width: int | None = None) -> "Console":
    """A terminal that shows texts as they are; lines are never broken."""
    from rich.console import Console  # noqa: PLC0415 - takes a moment

    return Console(
        stderr=stderr, width=width, soft_wrap=True, highlight=False, markup=False
    )


def _show(table: Table) -> None:
    from rich.table import Table as Grid  # noqa: PLC0415 - takes a moment

    grid = Grid(*table.titles, box=None, pad_edge=False, header_style="dim")
    for column in grid.columns:
        column.overflow = "fold"
    for row in table.rows:
        grid.add_row(*(_coloured(cell) for cell in row))
    # A link that is folded can't be opened: such rows the terminal itself wraps.
    linked = any("://" in _plain(cell) for row in table.rows for cell in row)
    terminal = console(width=UNBOUND if linked else None)
    with terminal.capture() as drawn:
        terminal.print(grid, soft_wrap=False)
    # What is beyond the end of a line would be lines of nothing.
    sys.stdout.write(PADDING.sub(lambda end: end[0].replace(" ", ""), drawn.get()))


def _coloured(cell: Cell) -> "Text":
    from rich.text import Text  # noqa: PLC0415 - takes a moment

    if isinstance(cell, Time):
        told = ago(cell.told) if cell.told and cell.known else NOTHING
        return Text(told, style="dim")
    style = cell.style if isinstance(cell, Styled) else ""
    return Text(printable(_plain(cell)), style=style)


def _plain(cell: Cell) -> str:
    match cell:
        case Time():
            return cell.told if cell.told and cell.known else NOTHING
        case Styled():
            return cell.word
        case None | "":
            return NOTHING
        case _:
            return str(cell)
