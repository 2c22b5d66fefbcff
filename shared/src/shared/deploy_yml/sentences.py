"""Mistakes in fields, as sentences that say what is wrong and what to write."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .document import Path
from .fields import DynamicPayload, Env, File, FrozenWindow, Input, Review

#: pydantic's kinds of mistakes in our words; the others keep pydantic's.
_EXPECTED: Final = {
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "int_type": "a whole number",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_too_short": "text that is not empty",
}
#: So many unknown fields get a guess at what was meant.
_GUESSED: Final = 20
_LONGEST_GUESSED: Final = 40
_PARTS: Final[Mapping[str, tuple[str, type[BaseModel]]]] = {
    "inputs": ("an input", Input),
    "dynamic_payload": ("`dynamic_payload`", DynamicPayload),
    "frozen_windows": ("`frozen_windows`", FrozenWindow),
    "review": ("`review`", Review),
    "envs": ("an environment", Env),
    "": ("the top", File),
}
#: Every field, and where it belongs; of two places the outer one.
_FIELDS: Final = {
    field: place for place, part in _PARTS.values() for field in part.model_fields
}


def explained(
    errors: Iterable[ErrorDetails], named: Callable[[Path], str]
) -> Iterator[tuple[Path, str]]:
    """Each mistake: its path, and the sentence; `named` calls a path by its name."""
    guesses = _GUESSED
    for error in errors:
        path = tuple(p for p in error["loc"] if p != "[key]")
        if error["type"] == "extra_forbidden":
            guesses -= 1
            guess = _guess(path) if guesses >= 0 else ""
            yield path, f"unknown field `{shortened(str(path[-1]))}`{guess}"
        else:
            yield path, f"`{named(path) or 'deploy.yml'}` {_predicate(error)}"


def _guess(path: Path) -> str:
    name = str(path[-1])
    if place := _FIELDS.get(name):
        return f" here; it belongs to {place}"
    if len(name) > _LONGEST_GUESSED:
        return ""
    around = [word for word in path[:-1] if isinstance(word, str) and word in _PARTS]
    _, part = _PARTS[around[-1] if around else "envs" if path[:-1] else ""]
    alike = get_close_matches(name, part.model_fields, n=1)
    return f"; did you mean `{alike[0]}`?" if alike else ""


def _predicate(error: ErrorDetails) -> str:
    given = error["input"]
    match error["type"]:
        case "missing":
            return "is missing"
        case "value_error":
            what = str(error["ctx"]["error"])
            return f"{what}, not {shown(given)}"
        case "literal_error":
            expected = error["ctx"]["expected"].replace("'", "`")
            return f"must be {expected}, not {shown(given)}"
        case "string_too_long":
            most = error["ctx"]["max_length"]
            return f"must have at most {most:,} characters"
        case "too_long":
            return f"must have at most {error['ctx']['max_length']:,} entries"
        case "greater_than_equal":
            return f"must be at least {error['ctx']['ge']}, not {shown(given)}"
        case "less_than_equal":
            return f"must be at most {error['ctx']['le']}, not {shown(given)}"
        case kind if kind in _EXPECTED:
            hint = _hint(kind, given)
            return f"must be {_EXPECTED[kind]}, not {shown(given)}{hint}"
    return error["msg"]


def _hint(kind: str, given: Any) -> str:
    quotable = kind == "string_type" and isinstance(given, bool | int | float)
    return "; put it in quotes" if quotable else ""


def shown(given: Any) -> str:
    """A value as a sentence can bear it."""
    match given:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return shortened(json.dumps(given, ensure_ascii=False))


def shortened(text: str) -> str:
    return f"{text[:40]}…" if len(text) > 40 else text


def dotted(path: Path) -> str:
    parts = (f"[{p}]" if isinstance(p, int) else f".{shortened(p)}" for p in path)
    return "".join(parts).removeprefix(".")
