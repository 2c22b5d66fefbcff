"""GitHub's own examples, old and new: none of them is malformed to status-sync."""

import json
import os
from pathlib import Path

import pytest

from shared.testing import T0
from status_sync.webhooks import HINTS, OF_APP, TAKEN, Webhook, read

EXAMPLES = Path(__file__).parents[3] / ".cache/github-schemas/examples"
KNOWN = TAKEN | HINTS | OF_APP
INSTALL = "tests/contracts/github/install.sh"


@pytest.mark.skipif(
    not EXAMPLES.exists() and "CI" not in os.environ, reason=f"{INSTALL} brings them"
)
def test_every_example_tells_what_its_event_tells() -> None:
    telling = set()
    for file in sorted(EXAMPLES.glob("*.json")):
        for event in json.loads(file.read_bytes()):
            for example in event["examples"]:
                body = json.dumps(example).encode()
                found = read(
                    Webhook(event["name"], "guid", "application/json", body, T0)
                )
                assert (found is not None) == (event["name"] in KNOWN)
                telling.add(event["name"])
    assert telling >= KNOWN
