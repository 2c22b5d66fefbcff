"""YAML text as plain values, and the place in the text where each of them stands.

The text comes from people's repositories, so its nodes are turned into JSON's kinds of
values here: no tags, no dates, no surprises of YAML 1.1 (`no` and `1:30` are text).
Aliases and merge keys work; what they expand to is counted, so that a few lines can't
grow into gigabytes, and a value that contains itself is simply too deep.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

from .nodes import (
    MAX_DEPTH,
    MAX_VALUES,
    DocumentError,
    Mapping,
    Node,
    Scalar,
    Sequence,
    compose,
)
from .source import Problem, Source

#: The way to a value: keys of mappings, indexes of lists.
Path = tuple[str | int, ...]

_MERGE: Final = "merge"
_LONGEST_INT: Final = 24
#: NUL and halves of surrogate pairs, which quoted text can smuggle in.
_UNSTORABLE: Final = re.compile("[\\x00\\ud800-\\udfff]")

#: Nothing but text begins so.
_TEXT: Final = re.compile(r"[^-+.0-9nNtTfF~<]")
#: The core schema of YAML 1.2, plus merge keys.
_KINDS: Final = tuple(
    (kind, re.compile(rf"(?:{pattern})\Z", re.ASCII))
    for kind, pattern in (
        ("null", r"~|null|Null|NULL|"),
        ("bool", r"true|True|TRUE|false|False|FALSE"),
        ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
        ("float", r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?"),
        ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
        (_MERGE, r"<<"),
    )
)


@dataclass
class Document:
    """A text that was read."""

    source: Source
    value: Any = None
    #: Where each value begins; for a member of a mapping, where its key does.
    places: dict[Path, int] = field(default_factory=dict)
    #: What is wrong with single values; the others are still good.
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """Something about a value or, where it is absent, about what lacks it."""
        while path and path not in self.places:
            path = path[:-1]
        return self.source.problem(self.places.get(path, 0), message)

    def line(self, path: Path) -> int:
        return self.problem(path, "").line


def parse(source: Source) -> Document:
    """The document's values and their places.

    Raises:
        DocumentError: It is too large, too deep, or no YAML.
    """
    document = Document(source)
    if (root := compose(source)) is not None:
        document.value = _Reader(document).value(root, ())
    return document


class _Reader:
    """Turns nodes into values, counting what aliases expand to."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0
        self._depth = 0

    def value(self, node: Node, path: Path) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise self._error(node, f"over {MAX_VALUES:,} values")
        if self._depth > MAX_DEPTH:
            raise self._error(node, "is nested too deeply")
        self._document.places[path] = node.index
        self._depth += 1
        value = self._value(node, path)
        self._depth -= 1
        return value

    def _value(self, node: Node, path: Path) -> Any:
        match node:
            case Mapping():
                return self._mapping(node, path)
            case Sequence():
                return [self.value(n, (*path, i)) for i, n in enumerate(node.items)]
            case Scalar():
                return self._scalar(node)

    def _mapping(self, node: Mapping, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.members:
            if _kind(key) == _MERGE:
                values = {**self._merged(value, path), **values}
        own: dict[str, int] = {}
        for key, value in node.members:
            if _kind(key) == _MERGE or (name := self._key(key)) is None:
                continue
            if name in own:
                line = self._document.source.line(own[name])
                what = f"`{name[:100]}` stands here twice, first in line {line}"
                self._wrong(key, what)
                continue
            own[name] = key.index
            values[name] = self.value(value, (*path, name))
            self._document.places[*path, name] = key.index
        return values

    def _merged(self, node: Node, path: Path) -> dict[str, Any]:
        """What `<<` brings in; of several the first wins."""
        values: dict[str, Any] = {}
        for one in node.items if isinstance(node, Sequence) else [node]:
            if isinstance(one, Mapping):
                values = {**self.value(one, path), **values}
            else:
                self._wrong(one, "only a mapping can be merged with `<<`")
        return values

    def _key(self, node: Node) -> str | None:
        if isinstance(node, Scalar) and _kind(node) == "str":
            text: str | None = self._scalar(node)
            return text
        self._wrong(node, "a key must be text; put it in quotes")
        return None

    def _scalar(self, node: Scalar) -> Any:
        try:
            if node.tag is not None:
                _hold_to(node.tag, node.text)
            return _plain(_kind(node), node.text)
        except ValueError as error:
            self._wrong(node, str(error))
            return None

    def _wrong(self, node: Node, message: str) -> None:
        problem = self._document.source.problem(node.index, message)
        self._document.problems.append(problem)

    def _error(self, node: Node, message: str) -> DocumentError:
        return DocumentError(self._document.source.problem(node.index, message))


def _kind(node: Node) -> str:
    """The kind that a scalar says it is of, or looks like."""
    if not isinstance(node, Scalar):
        return ""
    if node.tag is not None:
        return node.tag
    if _TEXT.match(node.text):
        return "str"
    return next((kind for kind, form in _KINDS if form.match(node.text)), "str")


def _hold_to(tag: str, text: str) -> None:
    """A tag that a scalar bears must fit its text."""
    forms = [form for kind, form in _KINDS if kind == tag]
    if forms and not any(form.match(text) for form in forms):
        raise ValueError(f"is tagged `{tag}`, and isn't: `{text[:40]}`")


def _plain(kind: str, text: str) -> Any:
    """A scalar of JSON's kinds."""
    match kind:
        case "str" if _UNSTORABLE.search(text):
            raise ValueError("has a character that no database takes")
        case "str" | "merge":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" | "float":
            return _number(kind, text)
    raise ValueError(f"the tag `{kind[:40]}` is not supported")


def _number(kind: str, text: str) -> float:
    """A number that every reader of JSON reads."""
    if kind == "int" and len(text) <= _LONGEST_INT:
        whole = int(text, 0 if text[:2] in {"0o", "0x"} else 10)
        if -(2**63) <= whole < 2**63:
            return whole
    elif kind == "float":
        parts = text.lower().replace(".inf", "inf").replace(".nan", "nan")
        if math.isfinite(number := float(parts)):
            return number
    raise ValueError(f"JSON has no number `{text[:40]}`; put it in quotes")
