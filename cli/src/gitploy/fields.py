"""`--field name=value`: the payload that an environment asks of whoever deploys."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitploy.failing import WRONG, CommandError
from gitploy.paths import of_repository
from gitploy.refusals import Refused

if TYPE_CHECKING:
    from gitploy.client import Client


async def payload(
    client: "Client", repository: str, environment: str, fields: Sequence[str]
) -> dict[str, Any] | None:
    """What was given, each as its input in deploy.yml is; none without fields."""
    if not fields:
        return None
    pairs = dict(_pair(field) for field in fields)
    try:
        rules = await client.get(of_repository(repository, "config"))
    except Refused:
        # The verifier reads the same rules, and says what is wrong with them.
        return dict(pairs)
    inputs = _inputs(rules, environment)
    return {name: _value(name, text, inputs.get(name)) for name, text in pairs.items()}


def _pair(field: str) -> tuple[str, str]:
    name, sign, text = field.partition("=")
    if not sign or not name:
        raise CommandError(f"--field {field}: write it as name=value.", WRONG)
    return name, text


def _inputs(rules: Mapping[str, Any], environment: str) -> dict[str, Any]:
    found = [env for env in rules["envs"] if env["name"] == environment]
    payload = found[0].get("dynamic_payload") if found else None
    return dict((payload or {}).get("inputs") or {})


def _value(name: str, text: str, asked: Mapping[str, Any] | None) -> Any:
    """A number or a switch where one is asked for, else the text."""
    kind = (asked or {}).get("type")
    if kind not in {"number", "boolean"}:
        return text
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    wanted = bool if kind == "boolean" else (int, float)
    if isinstance(value, wanted) and isinstance(value, bool) == (kind == "boolean"):
        return value
    like = "true or false" if kind == "boolean" else "a number"
    raise CommandError(f"--field {name}={text}: it must be {like}.", WRONG)
