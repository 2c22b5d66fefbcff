"""YAML text as a tree of nodes, read by libyaml's parser and held to limits.

The parser hands over one event at a time, and reading ends at the first that goes too
far: a text that would explode costs no more than one that doesn't.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import yaml

from .source import Problem, Source

MAX_BYTES: Final = 1_000_000
MAX_VALUES: Final = 10_000
MAX_DEPTH: Final = 50

_TAG: Final = "tag:yaml.org,2002:"
#: What YAML takes for text, halves of surrogate pairs and the mark of order aside.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
#: libyaml compares each directive with all before it.
_DIRECTIVE: Final = re.compile(r"^%TAG\b|[\r\x85\u2028\u2029]%TAG\b", re.MULTILINE)


class DocumentError(Exception):
    """The text is no YAML that we read; it ends the reading at once."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Scalar:
    #: Where it begins in the text that is read.
    index: int
    #: Its tag without the usual beginning; none if the text itself is to tell.
    tag: str | None
    text: str


@dataclass(frozen=True)
class Sequence:
    index: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True)
class Mapping:
    index: int
    members: "list[tuple[Node, Node]]" = field(default_factory=list)


Node: TypeAlias = Scalar | Sequence | Mapping


def compose(source: Source) -> Node | None:
    """The root of the one document that the text holds.

    Raises:
        DocumentError: It is too large, too deep, or no YAML.
    """
    text = source.text
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        raise DocumentError(Problem(1, 1, f"is larger than {MAX_BYTES:,} bytes"))
    if wrong := _FORBIDDEN.search(text):
        raise DocumentError(source.problem(wrong.start(), "has a forbidden character"))
    if wrong := _DIRECTIVE.search(text):
        raise DocumentError(source.problem(wrong.start(), "`%TAG` is not supported"))
    try:
        return _Composer(source).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = ", ".join(filter(None, (error.context, error.problem)))
        index = mark.index if mark else 0
        raise DocumentError(source.problem(index, what)) from error


class _Composer:
    """Builds nodes of events."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._events: Iterator[yaml.Event] = yaml.parse(source.text, yaml.CSafeLoader)
        self._anchors: dict[str, Node] = {}
        self._count = 0
        self._depth = 0

    def document(self) -> Node | None:
        root = None
        for event in self._events:
            match event:
                case yaml.StreamStartEvent() | yaml.DocumentEndEvent():
                    pass
                case yaml.StreamEndEvent():
                    break
                case yaml.DocumentStartEvent() if root is None:
                    root = self._node(next(self._events))
                case _:
                    raise self._error(event, "there is a second document")
        return root

    def _node(self, event: yaml.Event) -> Node:
        self._count += 1
        if self._count > 2 * MAX_VALUES:
            raise self._error(event, f"over {MAX_VALUES:,} values")
        if self._depth > MAX_DEPTH:
            raise self._error(event, "is nested too deeply")
        if isinstance(event, yaml.AliasEvent):
            name = event.anchor or ""
            if name not in self._anchors:
                raise self._error(event, f"there is no `&{name[:100]}` above")
            return self._anchors[name]
        self._depth += 1
        node = self._own(event)
        self._depth -= 1
        return node

    def _own(self, event: yaml.Event) -> Node:
        index = _index(event)
        match event:
            case yaml.ScalarEvent():
                tag = _tag(event)
                return self._anchored(event, Scalar(index, tag, event.value))
            case yaml.SequenceStartEvent():
                sequence = Sequence(index)
                self._anchored(event, sequence)
                for each in self._until(yaml.SequenceEndEvent):
                    sequence.items.append(self._node(each))
                return sequence
            case yaml.MappingStartEvent():
                mapping = Mapping(index)
                self._anchored(event, mapping)
                for key in self._until(yaml.MappingEndEvent):
                    member = self._node(key), self._node(next(self._events))
                    mapping.members.append(member)
                return mapping
        # The parser begins nothing else here.
        raise TypeError(event)

    def _until(self, end: type[yaml.Event]) -> Iterator[yaml.Event]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _anchored(self, event: yaml.NodeEvent, node: Node) -> Node:
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _error(self, event: yaml.Event, message: str) -> DocumentError:
        return DocumentError(self._source.problem(_index(event), message))


def _index(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _tag(event: yaml.ScalarEvent) -> str | None:
    if event.implicit[0] and event.tag in {None, "!"}:
        return None
    return "str" if event.tag in {None, "!"} else event.tag.removeprefix(_TAG)
