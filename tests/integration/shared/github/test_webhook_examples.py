"""GitHub's own examples of its webhooks, old and new: every one must be readable.

They come with the schemas that `tests/contracts/github/package.json` names. Many of
them break GitHub's current schemas, which is why the receiver is not made from those.
"""

import json
from collections.abc import Iterator
from typing import Any

from shared.github import Unknown, parse
from shared.github.webhook_models import MODELS
from tests.contracts.github.published import need


def examples() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(need("examples").glob("*.json")):
        for event in json.loads(file.read_bytes()):
            for example in event["examples"]:
                yield event["name"], example


def test_every_example_of_githubs_is_read() -> None:
    read = set()
    for event, example in examples():
        webhook = parse(event, "guid", "application/json", json.dumps(example).encode())
        assert isinstance(webhook, Unknown) == (event not in MODELS)
        read.add(event)
    assert set(MODELS) <= read
