"""Patterns that people write: RE2, and always of the whole text.

RE2 takes linear time whatever the pattern, and its memory is bounded here. `main`
matches `main` alone: who wants more says so, as in `main|release/.*`.
"""

from functools import lru_cache
from typing import Any, Final

import re2

#: So long may a pattern be.
LONGEST: Final = 1_000

_OPTIONS: Final = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 17


@lru_cache(maxsize=128)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _OPTIONS)


def mistake(pattern: str) -> str | None:
    """What is wrong with a pattern."""
    try:
        _compiled(pattern)
    except re2.error as error:
        (said,) = error.args
        what = said.decode(errors="replace") if isinstance(said, bytes) else said
        return f"must be a pattern of RE2 ({what})"
    return None


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the whole text."""
    return _compiled(pattern).fullmatch(_bytes(text)) is not None


def occurs(pattern: str, text: str) -> bool:
    """Whether the pattern matches any part of the text: Gitploy's way."""
    return _compiled(pattern).search(_bytes(text)) is not None


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
