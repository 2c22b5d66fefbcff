"""YAML text as plain values, and the place in the text where each of them stands.

The text comes from people's repositories, so it is composed into nodes (which keep
their lines) and turned into JSON's kinds of values here: no tags, no dates, no
surprises of YAML 1.1 (`no` and `1:30` are text). Aliases and merge keys work; what they
expand to is counted, so that a few lines can't grow into gigabytes, and a value that
contains itself is simply too deep.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml

MAX_BYTES: Final = 1_000_000
MAX_VALUES: Final = 10_000
MAX_DEPTH: Final = 50

#: The way to a value: keys of mappings, indexes of lists.
Path = tuple[str | int, ...]

_TAG: Final = "tag:yaml.org,2002:"
_MERGE: Final = _TAG + "merge"
_LONGEST_INT: Final = 24
#: NUL and halves of surrogate pairs, which quoted text can smuggle in.
_UNSTORABLE: Final = re.compile("[\\x00\\ud800-\\udfff]")


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong with a file, and where; lines and columns count from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class DocumentError(Exception):
    """The text is no YAML that we read; it ends the reading at once."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass
class Document:
    """A text that was read."""

    value: Any = None
    #: Where each value begins; for a member of a mapping, where its key does.
    places: dict[Path, yaml.Mark] = field(default_factory=dict)
    #: What is wrong with single values; the others are still good.
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, message: str) -> Problem:
        """Something about a value or, where it is absent, about what lacks it."""
        while path and path not in self.places:
            path = path[:-1]
        return _at(self.places.get(path), message)


class _Loader(yaml.SafeLoader):
    """The core schema of YAML 1.2, plus merge keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as the base has it


for _kind, _first, _pattern in (
    ("null", ["~", "n", "N", ""], r"~|null|Null|NULL|"),
    ("bool", list("tTfF"), r"true|True|TRUE|false|False|FALSE"),
    ("int", list("-+0123456789"), r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
    ("float", list("-+.0123456789"), r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?"),
    ("float", list("-+."), r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
    ("merge", ["<"], r"<<"),
):
    _whole = re.compile(rf"^(?:{_pattern})$", re.ASCII)
    _Loader.add_implicit_resolver(_TAG + _kind, _whole, _first)


def parse(text: str) -> Document:
    """The document's values and their places.

    Raises:
        DocumentError: It is too large, too deep, or no YAML.
    """
    if len(text.encode()) > MAX_BYTES:
        raise DocumentError(Problem(1, 1, f"is larger than {MAX_BYTES:,} bytes"))
    document = Document()
    root = _compose(text)
    if root is not None:
        document.value = _Reader(document).value(root, ())
    return document


def _compose(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        what = ", ".join(filter(None, (error.context, error.problem)))
        mark = error.problem_mark or error.context_mark
        raise DocumentError(_at(mark, what)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentError(Problem(line, 1, "has a forbidden character")) from error
    except RecursionError as error:
        raise DocumentError(Problem(1, 1, "is nested too deeply")) from error
    return node


def _at(mark: yaml.Mark | None, message: str) -> Problem:
    if mark is None:
        return Problem(1, 1, message)
    return Problem(mark.line + 1, mark.column + 1, message)


class _Reader:
    """Turns nodes into values, counting what aliases expand to."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._count = 0
        self._depth = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        if self._count > MAX_VALUES:
            raise DocumentError(_at(node.start_mark, f"over {MAX_VALUES:,} values"))
        if self._depth > MAX_DEPTH:
            raise DocumentError(_at(node.start_mark, "is nested too deeply"))
        self._document.places[path] = node.start_mark
        self._depth += 1
        value = self._value(node, path)
        self._depth -= 1
        return value

    def _value(self, node: yaml.Node, path: Path) -> Any:
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.value(n, (*path, i)) for i, n in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                values = {**self._merged(value, path), **values}
        own: dict[str, int] = {}
        for key, value in node.value:
            if key.tag == _MERGE or (name := self._key(key)) is None:
                continue
            if first := own.get(name):
                self._wrong(key, f"`{name}` stands here twice, first in line {first}")
                continue
            own[name] = key.start_mark.line + 1
            values[name] = self.value(value, (*path, name))
            self._document.places[*path, name] = key.start_mark
        return values

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Any]:
        """What `<<` brings in; of several the first wins."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values: dict[str, Any] = {}
        for one in nodes:
            if isinstance(one, yaml.MappingNode):
                values = {**self.value(one, path), **values}
            else:
                self._wrong(one, "only a mapping can be merged with `<<`")
        return values

    def _key(self, node: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "str":
            return cast("str | None", self._scalar(node))
        self._wrong(node, "a key must be text; put it in quotes")
        return None

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return _plain(node.tag.removeprefix(_TAG), node.value)
        except ValueError as error:
            self._wrong(node, str(error))
            return None

    def _wrong(self, node: yaml.Node, message: str) -> None:
        self._document.problems.append(_at(node.start_mark, message))


def _plain(kind: str, text: str) -> Any:
    """A scalar of JSON's kinds."""
    match kind:
        case "str" if _UNSTORABLE.search(text):
            raise ValueError("has a character that no database takes")
        case "str":
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
