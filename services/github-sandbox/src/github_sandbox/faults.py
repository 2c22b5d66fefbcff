"""How the sandbox misbehaves on purpose; all off until told otherwise.

The values are one JSON object, shown and changed over `/_sandbox/faults`. The
defaults below are also its schema: a value must be of its default's type, numbers
must not be negative, and a probability must not exceed one. Those of
`create_deployment` that count say how many of the next calls are hit, and so does
`bad_gateway_after_success` of `sign_in`.
"""

import copy
import random
from collections.abc import Iterator
from typing import Any

DEFAULTS: dict[str, dict[str, Any]] = {
    "webhooks": {
        "delay_s": 0.0,
        "drop": 0.0,
        "duplicate": 0.0,
        "shuffle": False,
        "inactive": False,
        "deleted": False,
    },
    "answers": {
        "delay_s": 0.0,
        "unavailable": False,
        "error_rate": 0.0,
        "hide_repository": False,
    },
    "sign_in": {
        "code_life_s": 600.0,
        "token_life_s": 28_800.0,
        "bad_gateway_after_success": 0,
    },
    "app": {
        "token_life_s": 3600.0,
    },
    "create_deployment": {
        "bad_gateway_after_success": 0,
        "empty_after_success": 0,
        "delay_after_success_s": 0.0,
        "webhook_before_answer": False,
        "refuse": 0,
        "secondary_limit": 0,
        "retry_after_s": 1,
        "primary_limit": 0,
        "reset_in_s": 1,
    },
}
_PROBABILITIES = {"drop", "duplicate", "error_rate"}


class FaultError(ValueError):
    """Faults that don't exist, or not with that value; the text names them."""


class Faults:
    def __init__(self) -> None:
        self.values = copy.deepcopy(DEFAULTS)

    def merge(self, given: Any) -> None:
        """Take over the given parts, all or none."""
        wrong = list(_wrong(given))
        if wrong:
            raise FaultError("; ".join(wrong))
        for part, values in given.items():
            self.values[part].update(values)

    def clear(self) -> None:
        self.values = copy.deepcopy(DEFAULTS)

    def webhooks(self, name: str) -> Any:
        return self.values["webhooks"][name]

    def answers(self, name: str) -> Any:
        return self.values["answers"][name]

    def create(self, name: str) -> Any:
        return self.values["create_deployment"][name]

    def sign_in(self, name: str) -> Any:
        return self.values["sign_in"][name]

    def app(self, name: str) -> Any:
        return self.values["app"][name]

    def hits_create(self, name: str) -> bool:
        return self._hits("create_deployment", name)

    def hits_sign_in(self, name: str) -> bool:
        return self._hits("sign_in", name)

    def _hits(self, part: str, name: str) -> bool:
        """Whether this call is one of the next that the fault hits; counts it."""
        left = self.values[part][name]
        if left:
            self.values[part][name] = left - 1
        return bool(left)


def happens(probability: float) -> bool:
    return random.random() < probability  # noqa: S311  no secret is made of it


def _wrong(given: Any) -> Iterator[str]:
    if not isinstance(given, dict):
        yield "the body must be a JSON object"
        return
    for part, values in given.items():
        if part not in DEFAULTS:
            yield f"unknown key {part!r}"
        elif not isinstance(values, dict):
            yield f"{part} must be an object"
        else:
            for name, value in values.items():
                yield from _wrong_value(part, name, value)


def _wrong_value(part: str, name: str, value: Any) -> Iterator[str]:
    where = f"{part}.{name}"
    default = DEFAULTS[part].get(name)
    if default is None:
        yield f"unknown key {where!r}"
    elif isinstance(default, bool):
        if not isinstance(value, bool):
            yield f"{where} must be true or false"
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
        yield f"{where} must be a number that isn't negative"
    elif isinstance(default, int) and not isinstance(value, int):
        yield f"{where} must be a whole number"
    elif name in _PROBABILITIES and value > 1:
        yield f"{where} is a probability: at most 1"
