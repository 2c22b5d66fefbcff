"""What whoever deploys gives for a dynamic payload.

Gitploy lets unknown keys pass and leaves defaults to its clients. Here an unknown key
is refused, because a typo would deploy without what was meant, and defaults are the
server's, so that every client deploys the same.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from .fields import DynamicPayload
from .sentences import shortened, shown


def payload_problems(dynamic: DynamicPayload, given: Mapping[str, Any]) -> list[str]:
    """What is wrong with what was given, a sentence each; a null counts as nothing."""
    known = dynamic.inputs if dynamic.enabled else {}
    names = ", ".join(f"`{name}`" for name in known) or "none"
    problems = [
        f"There is no input `{shortened(str(name))}` here, but: {names}."
        for name in given
        if name not in known
    ]
    for name, each in known.items():
        value = given.get(name)
        if value is None:
            if each.required and each.default is None:
                problems.append(f"The input `{name}` is required.")
        elif what := unfit(each.type, each.options, value):
            problems.append(f"The input `{name}` {what}.")
    return problems


def filled(dynamic: DynamicPayload, given: Mapping[str, Any]) -> dict[str, Any]:
    """The payload: what was given, and the defaults of what was not."""
    known = dynamic.inputs if dynamic.enabled else {}
    whole = {
        name: each.default if (value := given.get(name)) is None else value
        for name, each in known.items()
    }
    return {name: value for name, value in whole.items() if value is not None}


def unfit(kind: Any, options: Sequence[Any], value: Any) -> str | None:
    """What is wrong with a value for an input of this kind."""
    match kind:
        case "select" if value not in options:
            offered = ", ".join(shown(option) for option in options)
            return f"must be one of {offered}, not {shown(value)}"
        case "number" if not _is_number(value):
            return f"must be a number, not {shown(value)}"
        case "string" if not isinstance(value, str):
            return f"must be text, not {shown(value)}"
        case "boolean" if not isinstance(value, bool):
            return f"must be true or false, not {shown(value)}"
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value)
