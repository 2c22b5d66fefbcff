"""Parts of a JSON document: by jq's language, or by paths as of Gitploy's `--query`."""

import json
import re
from typing import Any, Final

from gitploy.failing import WRONG, CommandError

#: A path's part with what a backslash takes its meaning from, up to the next dot.
PART: Final = re.compile(r"((?:[^.\\]|\\.)+)(?:\.|$)")
#: What more GJSON can, and jq can better.
BEYOND: Final = re.compile(r"(?<!\\)[*?|@!{\[(]")


def picked(document: Any, program: str) -> list[Any]:
    """What a program of jq makes of a document.

    Raises:
        CommandError: It is no program, or not for this document.
    """
    import jq  # noqa: PLC0415 - takes a moment

    try:
        return list(jq.compile(program).input_value(document).all())
    except ValueError as error:
        first = str(error).partition("\n")[0].rstrip(":.")
        raise CommandError(f"--jq {program!r}: {first}.", WRONG) from error


def program_of(path: str) -> str:
    """A path as Gitploy's `--query` takes it, as a program of jq.

    Names and indexes with dots between them; `#` is the length of a list, or each
    member if more follows. What is missing is nothing.

    Raises:
        CommandError: It says more than that.
    """
    parts = PART.findall(path)
    if BEYOND.search(path) or not parts or ".".join(parts) != path:
        raise CommandError(
            f"--query {path!r}: only names, numbers and # with dots between them are "
            "understood. --jq can do everything.",
            WRONG,
        )
    return _program(parts)


def _program(parts: list[str]) -> str:
    first, rest = parts[0], parts[1:]
    if first == "#":
        if not rest:
            return "length"
        return f"[.[] | {_program(rest)} | select(. != null)]"
    name = re.sub(r"\\(.)", r"\1", first)
    member = f".[{json.dumps(name)}]"
    if name.isdecimal():
        member = f'if type == "array" then .[{int(name)}] else {member} end'
    return f"({member})? // null" + (f" | {_program(rest)}" if rest else "")
