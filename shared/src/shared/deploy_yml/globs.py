"""The patterns of a shell: `*`, `?`, `[a-z]`, and a backslash for the text itself."""

import re
from typing import Final

from . import patterns

_IN_SET: Final = r"\\.|\[:[a-z]+:\]|[^\]\\]"
_TOKEN: Final = re.compile(
    rf"""
      \\(?P<protected>.)
    | (?P<star>\*+)
    | (?P<one>\?)
    | \[(?P<not>[!^]?)(?P<set>(?:\]|{_IN_SET})(?:{_IN_SET})*)\]
    | (?P<text>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_MEMBER: Final = re.compile(r"(?P<kind>\[:[a-z]+:\])|\\?(?P<text>.)", re.DOTALL)


class Glob:
    """A pattern, for short texts."""

    def __init__(self, pattern: str) -> None:
        """Read the pattern.

        Raises:
            ValueError: It has a set of characters that can't be.
        """
        self._pattern = "".join(map(_translated, _TOKEN.finditer(pattern)))
        if patterns.mistake(self._pattern):
            raise ValueError(f"`{pattern[:40]}` is no pattern of a shell")

    def matches(self, text: str) -> bool:
        return patterns.matches(self._pattern, text)

    def prefixes(self, text: str) -> list[int]:
        """Where beginnings that match end, the shortest first."""
        return [i for i in range(len(text) + 1) if self.matches(text[:i])]

    def suffixes(self, text: str) -> list[int]:
        """Where endings that match begin, the shortest first."""
        return [i for i in range(len(text), -1, -1) if self.matches(text[i:])]


def _translated(token: re.Match[str]) -> str:
    match token.lastgroup:
        case "star":
            return "(?s:.*)"
        case "one":
            return "(?s:.)"
        case "set":
            members = "".join(map(_member, _MEMBER.finditer(token["set"])))
            return f"[{'^' if token['not'] else ''}{members}]"
    return _exactly(token["protected"] or token["text"])


def _member(member: re.Match[str]) -> str:
    if kind := member["kind"]:
        return kind
    return "-" if member.group() == "-" else _exactly(member["text"])


def _exactly(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
