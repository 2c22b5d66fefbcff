"""Environments with what the rules say of them: whether there are any, and freezes."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from api_gateway.read_model.documents import Document, rfc3339
from shared.deploy_yml import Env, Rules, frozen_until

NOTHING_THERE: Document = {
    "live": None,
    "running": [],
    "lock": None,
    "queue": [],
    "hold": None,
}
#: Where the rules can't be told.
UNKNOWN: Document = {
    "defined": None,
    "production_environment": None,
    "frozen_until": None,
}


def ruled(
    shown: Sequence[Document], rules: Rules | None, now: datetime
) -> list[Document]:
    """Those that something happened in, and those that the rules define, by name."""
    if rules is None:
        return [with_rules(each, None, now) for each in shown]
    defined = {name.casefold(): env for name, env in rules.envs.items()}
    there = {each["name"].casefold() for each in shown}
    new = [
        {"name": env.name, **NOTHING_THERE}
        for key, env in defined.items()
        if key not in there
    ]
    told = (with_rules(each, rules, now) for each in (*shown, *new))
    return sorted(told, key=itemgetter("name"))


def with_rules(shown: Document, rules: Rules | None, now: datetime) -> Document:
    """One of them."""
    if rules is None:
        return shown | UNKNOWN
    env = _env(rules, shown["name"])
    until = frozen_until(env.frozen_windows, now) if env else None
    return shown | {
        "defined": env is not None,
        "production_environment": env.production_environment if env else None,
        "frozen_until": until and rfc3339(until),
    }


def _env(rules: Rules, name: str) -> Env | None:
    key = name.casefold()
    return next((e for n, e in rules.envs.items() if n.casefold() == key), None)
