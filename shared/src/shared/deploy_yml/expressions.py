"""One `${…}`: a variable, and what bash's functions make of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from .globs import Glob

#: So much may one expression say, and so deep may it nest.
MAX_LENGTH: Final = 1_000
MAX_DEPTH: Final = 5

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN: Final = re.compile(r"[^\\$}/:\n'\"`]{1,1000}")
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,3}")
#: bash would take them away, or do worse.
_QUOTES: Final = frozenset("'\"`")


class NoExpressionError(Exception):
    """What begins here is no expression: where it goes wrong, and why."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(message)
        self.index = index
        self.message = message


@dataclass
class Reader:
    """Reads one expression and those inside it."""

    text: str
    #: At first where the expression begins, afterwards where it ends.
    position: int
    values: Mapping[str, str]
    #: What is wrong inside an expression that is one.
    problems: list[tuple[int, str]] = field(default_factory=list)
    _depth: int = 0

    def __post_init__(self) -> None:
        self._begin = self.position

    def expression(self) -> str:
        """What the expression stands for.

        Raises:
            NoExpressionError: It is none.
        """
        if self._depth >= MAX_DEPTH:
            raise NoExpressionError(self.position, "`${…}` is nested too deeply")
        self._depth += 1
        begin = self.position
        self.position += len("${")
        length = self.take("#")
        value = self._variable(begin)
        result = str(len(value)) if length else self._function(value)
        if self._here() != "}":
            raise NoExpressionError(self.position, "`${…}` has no function like this")
        self.position += 1
        self._depth -= 1
        return result

    def _variable(self, begin: int) -> str:
        name = _NAME.match(self.text, self.position)
        if name is None:
            self._here()
            what = "`${` begins no variable here; write `$${` for the text itself"
            raise NoExpressionError(begin, what)
        self.position = name.end()
        if (value := self.values.get(name.group())) is not None:
            return value
        what = f"there is no variable `{name.group()[:100]}`, only "
        what += f"{', '.join(self.values)}; write `$${{` for the text `${{` itself"
        self.problems.append((begin, what))
        return name.group()

    def _function(self, value: str) -> str:
        for sign, function in _FUNCTIONS.items():
            if self.take(sign):
                return function(self, value)
        return value

    def take(self, sign: str) -> bool:
        """Whether this sign stands here; it is passed over."""
        there = self.text.startswith(sign, self.position)
        self.position += len(sign) if there else 0
        return there

    def word(self, ends: str = "}") -> str:
        """The text up to one of the ends; a backslash protects what follows it."""
        parts: list[str] = []
        while (here := self._here()) not in ends:
            if plain := _PLAIN.match(self.text, self.position):
                parts.append(plain.group())
                self.position = plain.end()
            elif self.text.startswith("${", self.position):
                parts.append(self.expression().replace("\\", "\\\\"))
            elif here in _QUOTES:
                what = f"`${{…}}` has no place for {here}: protect it with a backslash"
                raise NoExpressionError(self.position, what)
            else:
                self.position += 1
                if here == "\\":
                    here += self._here()
                    self.position += 1
                parts.append(here)
        return "".join(parts)

    def literal(self) -> str:
        return re.sub(r"\\(.)", r"\1", self.word(), flags=re.DOTALL)

    def glob(self, ends: str = "}") -> Glob:
        begin = self.position
        try:
            return Glob(self.word(ends))
        except ValueError as error:
            raise NoExpressionError(begin, str(error)) from error

    def number(self, ends: str = "}") -> int:
        begin, word = self.position, self.word(ends)
        if not _NUMBER.fullmatch(word):
            what = "`${…:n:length}` takes whole numbers from 0 to 9999"
            raise NoExpressionError(begin, what)
        return int(word)

    def _here(self) -> str:
        """The character here, unless the expression is not closed."""
        here = self.text[self.position : self.position + 1]
        if here in {"", "\n"}:
            what = "`${` is not closed by `}` in its line; write `$${` for the text"
            raise NoExpressionError(self._begin, what)
        if self.position - self._begin > MAX_LENGTH:
            what = f"`${{…}}` is longer than {MAX_LENGTH:,} characters"
            raise NoExpressionError(self._begin, what)
        return here


def _default(reader: Reader, value: str) -> str:
    otherwise = reader.literal()
    return value or otherwise


def _part(reader: Reader, value: str) -> str:
    begin = reader.number(":}")
    if not reader.take(":"):
        return value[begin:]
    return value[begin : begin + reader.number()]


def _without_prefix(reader: Reader, value: str, which: int) -> str:
    ends = reader.glob().prefixes(value)
    return value[ends[which] :] if ends else value


def _without_suffix(reader: Reader, value: str, which: int) -> str:
    begins = reader.glob().suffixes(value)
    return value[: begins[which]] if begins else value


def _replaced(reader: Reader, value: str, limit: int) -> str:
    """The first, or every, longest part that matches, replaced."""
    glob, new = _replacement(reader)
    result, at = "", 0
    while at < len(value):
        ends = [i for i in glob.prefixes(value[at:]) if i] if limit else []
        limit -= bool(ends)
        result += new if ends else value[at]
        at += ends[-1] if ends else 1
    return result


def _replaced_prefix(reader: Reader, value: str) -> str:
    glob, new = _replacement(reader)
    ends = glob.prefixes(value)
    return new + value[ends[-1] :] if value and ends else value


def _replaced_suffix(reader: Reader, value: str) -> str:
    glob, new = _replacement(reader)
    begins = glob.suffixes(value)
    return value[: begins[-1]] + new if value and begins else value


def _replacement(reader: Reader) -> tuple[Glob, str]:
    glob = reader.glob("/}")
    return glob, reader.literal() if reader.take("/") else ""


#: By their signs; of two that begin alike, the longer first.
_FUNCTIONS: Final[Mapping[str, Callable[[Reader, str], str]]] = {
    "^^": lambda _, value: value.upper(),
    "^": lambda _, value: value[:1].upper() + value[1:],
    ",,": lambda _, value: value.lower(),
    ",": lambda _, value: value[:1].lower() + value[1:],
    ":-": _default,
    ":=": _default,
    "=": _default,
    ":": _part,
    "##": lambda reader, value: _without_prefix(reader, value, -1),
    "#": lambda reader, value: _without_prefix(reader, value, 0),
    "%%": lambda reader, value: _without_suffix(reader, value, -1),
    "%": lambda reader, value: _without_suffix(reader, value, 0),
    "//": lambda reader, value: _replaced(reader, value, len(value)),
    "/#": _replaced_prefix,
    "/%": _replaced_suffix,
    "/": lambda reader, value: _replaced(reader, value, 1),
}
