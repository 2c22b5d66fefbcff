"""Patterns that meant more at Gitploy, whose patterns match any part of a text.

Somebody who brings a file along may not notice that `main` no longer matches
`not-main-2`, or that `auto_deploy_on: main` no longer matches `refs/heads/main`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .fields import Env
from .patterns import matches, occurs
from .rules import Rules
from .source import Problem

_BRANCH: Final = "refs/heads/"
_TAG: Final = "refs/tags/"
#: How a pattern begins that can match a whole ref.
_WHOLE_REF: Final = re.compile(r"\^?(?:refs|[.(\[\\])")
_SHOWN: Final = 3


def unanchored(rules: Rules, refs: Iterable[str]) -> list[Problem]:
    """What to warn of, given whole refs that there are (`refs/heads/main`)."""
    known = sorted({ref for ref in refs if ref.startswith((_BRANCH, _TAG))})
    return sorted({
        Problem(*rules.places[env.name, field], f"`{pattern}` {doubt}")
        for env in rules.envs.values()
        for field, pattern, texts in _patterns(env, known)
        if (doubt := _lost(pattern, texts) or _doubt(field, pattern))
    })  # fmt: skip


def _patterns(env: Env, refs: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Each pattern with its field, and the texts that it is held against."""
    if env.deployable_ref is not None:
        names = [ref.removeprefix(_BRANCH).removeprefix(_TAG) for ref in refs]
        yield "deployable_ref", env.deployable_ref, names
    if env.auto_deploy_on is not None:
        yield "auto_deploy_on", env.auto_deploy_on, refs


def _lost(pattern: str, texts: list[str]) -> str | None:
    """What of the texts only Gitploy would have matched."""
    lost = [t for t in texts if occurs(pattern, t) and not matches(pattern, t)]
    if not lost:
        return None
    more = f" and {len(lost) - _SHOWN} more" if len(lost) > _SHOWN else ""
    named = ", ".join(f"`{text}`" for text in lost[:_SHOWN])
    return (
        f"is matched against the whole text, so not {named}{more}, as Gitploy would; "
        f"if they are meant, write `.*({pattern}).*`"
    )


def _doubt(field: str, pattern: str) -> str | None:
    """What looks as if it was written to match a part of a text."""
    if field == "auto_deploy_on" and not _WHOLE_REF.match(pattern):
        return (
            "is matched against the whole ref, and none begins so: "
            "write `refs/heads/…` for a branch, `refs/tags/…` for a tag"
        )
    if "|" not in pattern and pattern.startswith("^") != pattern.endswith("$"):
        return (
            "is matched against the whole text, at both ends: "
            "write `.*` where anything may stand"
        )
    return None
