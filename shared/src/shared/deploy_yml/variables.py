"""`${…}` in the text of the file, replaced before anything else is read.

Three variables say whether this is a rollback; with bash's functions a file makes more
of them. One whose value is empty counts as not set. Only `${` begins an expression, so
a `$` in a pattern is safe; `$${` is the text `${`. An expression stays on its line, so
that what follows keeps its own.
"""

import re
from collections.abc import Mapping
from typing import Final

from .expressions import NoExpressionError, Reader
from .source import Problem, Source

#: So many mistakes are told, and no more is read.
MAX_PROBLEMS: Final = 100

NAMES: Final = ("GITPLOY_DEPLOY_TASK", "GITPLOY_ROLLBACK_TASK", "GITPLOY_IS_ROLLBACK")

_BEGIN: Final = re.compile(r"\$?\$\{")


def values(*, rollback: bool) -> Mapping[str, str]:
    """What the variables mean."""
    meant = ("", "rollback", "true") if rollback else ("deploy", "", "false")
    return dict(zip(NAMES, meant, strict=True))


def evaluate(written: str, *, rollback: bool) -> tuple[Source, list[Problem]]:
    """The text with everything put in, and what is wrong with its expressions."""
    known = values(rollback=rollback)
    pieces, problems = [(0, 0)], list[tuple[int, str]]()
    parts, length, end = list[str](), 0, 0
    while (begin := _BEGIN.search(written, end)) and len(problems) < MAX_PROBLEMS:
        if begin.group() == "$${":
            value, after = "${", begin.end()
        else:
            value, after, wrong = _expression(written, begin.start(), known)
            problems += wrong
        parts += [written[end : begin.start()], value]
        length += begin.start() - end + len(value)
        end = after
        pieces.append((length, end))
    parts.append(written[end:])
    source = Source(written, "".join(parts), tuple(pieces))
    return source, [source.written_problem(i, message) for i, message in problems]


def _expression(
    written: str, begin: int, known: Mapping[str, str]
) -> tuple[str, int, list[tuple[int, str]]]:
    """What stands for it, where it ends, and what is wrong with it."""
    reader = Reader(written, begin, known)
    try:
        return reader.expression(), reader.position, reader.problems
    except NoExpressionError as error:
        return "", begin + 2, [*reader.problems, (error.index, error.message)]
