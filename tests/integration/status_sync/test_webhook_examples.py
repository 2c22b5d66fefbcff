"""GitHub's own examples, old and new: none of them is malformed to status-sync."""

import json

from shared.testing import T0
from status_sync.webhooks import HINTS, OF_APP, TAKEN, Webhook, read
from tests.contracts.github.published import need

KNOWN = TAKEN | HINTS | OF_APP


def test_every_example_tells_what_its_event_tells() -> None:
    telling = set()
    for file in sorted(need("examples").glob("*.json")):
        for event in json.loads(file.read_bytes()):
            for example in event["examples"]:
                body = json.dumps(example).encode()
                found = read(
                    Webhook(event["name"], "guid", "application/json", body, T0)
                )
                assert (found is not None) == (event["name"] in KNOWN)
                telling.add(event["name"])
    assert telling >= KNOWN
