"""How answers are made, and how what others have named is put into a sentence."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Final

from shared.contracts import Check, Ref

#: So many names are spelled out in one sentence.
_SPELLED_OUT: Final = 20
#: So many digits of a commit's id are shown.
_READ: Final = 7


def passed(code: str, message: str, url: str | None = None) -> Check:
    return Check(code=code, state="passed", message=message, url=url or None)


def failed(code: str, message: str, url: str | None = None) -> Check:
    return Check(code=code, state="failed", message=message, url=url or None)


def pending(code: str, message: str, url: str | None = None) -> Check:
    """Not now, but it may become so without a change of what is asked for."""
    return Check(code=code, state="pending", message=message, url=url or None)


def waits(
    answer: Check, names: Iterable[str] = (), until: datetime | None = None
) -> Check:
    """The same answer, with who or what it hangs on, and when that is over."""
    first = tuple(map(plain, islice(names, _SPELLED_OUT)))
    return answer.model_copy(update={"waits_for": first, "until": until})


def warning(code: str, message: str, url: str | None = None) -> Check:
    """Something that a person should know, and that keeps nobody from deploying."""
    return Check(code=code, state="warning", message=message, url=url or None)


def skipped(code: str, because: str) -> Check:
    """A question that can't be asked, or that nobody wants asked."""
    return Check(code=code, state="skipped", message=f"Not asked: {because}.")


def plain(name: str | None) -> str:
    """A name that others chose, fit for a sentence and a terminal."""
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name or ""
    )
    return shown if len(shown) <= 100 else f"{shown[:100]}…"


def called(ref: Ref) -> str:
    """A branch or a tag by its name, a commit by as much of its id as people read."""
    return plain(ref.name[:_READ] if ref.type == "commit" else ref.name)


def listed(parts: Iterable[str], between: str = ", ") -> str:
    known = list(parts)
    more = len(known) - _SPELLED_OUT
    rest = [f"and {more} more"] if more > 0 else []
    return between.join([*known[:_SPELLED_OUT], *rest])


def moment(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S} UTC"
