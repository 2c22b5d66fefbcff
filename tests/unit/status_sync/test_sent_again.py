"""A webhook that somebody has got hold of, sent again: under any GUID, at any time.

The signature covers the body alone, so the headers of what is sent again may be any.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import STATUS_SYNC, Fact
from shared.store import Store
from shared.testing import T0, FakeClock, said
from status_sync.application import StatusSync
from status_sync.webhooks import HINTS, OF_APP, TAKEN, Webhook

from .conftest import FakeGitHub, FakeTurns, deployment_webhook, no_hint, payload
from .examples import CREATED, REPOSITORY, RUNNING, SUCCESS
from .test_sweep import PUSH

REPO: Final = REPOSITORY.model_dump()
SHA: Final = "a" * 40
REVOKED: Final = "github_app_authorization"
#: Of each event one body or more, as GitHub has signed them.
BODIES: Final[dict[str, list[bytes | dict[str, Any]]]] = {
    "check_run": [{"repository": REPO, "check_run": {"id": 1, "head_sha": SHA}}],
    "check_suite": [{"repository": REPO, "check_suite": {"id": 1, "head_sha": SHA}}],
    "deployment": [deployment_webhook().body, deployment_webhook(task="x").body],
    "deployment_status": [payload(RUNNING), payload(SUCCESS)],
    REVOKED: [{"action": "revoked", "sender": {"id": 3, "login": "ann"}}],
    "installation": [{"action": "deleted", "installation": {"id": 9}}],
    "installation_repositories": [
        {
            "action": "removed",
            "installation": {"id": 9},
            "repositories_removed": [REPO],
        }
    ],
    "meta": [{"action": "deleted", "hook_id": 5, "repository": REPO}],
    "push": [PUSH, PUSH.replace(b"b" * 40, b"c" * 40)],
    "repository": [{"action": "deleted", "repository": REPO}],
    "status": [{"repository": REPO, "sha": SHA, "state": "success"}],
}
ORIGINALS: Final = [
    (event, body if isinstance(body, bytes) else orjson.dumps(body))
    for event, bodies in BODIES.items()
    for body in bodies
]
Arrival = tuple[tuple[str, bytes], str]
#: Some of them, each more than once, in any order.
ARRIVALS = st.lists(st.sampled_from(ORIGINALS), max_size=4).flatmap(
    lambda some: st.permutations([(one, guid) for one in some for guid in "112"])
)


def test_all_that_is_read_is_tried() -> None:
    assert BODIES.keys() == TAKEN | HINTS | OF_APP


def heard(arrivals: Iterable[Arrival], *, linked: bool) -> list[Fact]:
    """All that is recorded after they have come."""

    async def hear(store: Store) -> list[Fact]:
        clock = FakeClock()
        sync = StatusSync(store, FakeGitHub(), FakeTurns(clock), no_hint)
        if linked:
            await sync.take_created(said(CREATED))
        for (event, body), guid in arrivals:
            await sync.hear(Webhook(event, guid, "application/json", body, T0))
        return [entry.message.data for entry in await store.log(0)]

    store = Store.open(STATUS_SYNC, "memory://")
    try:
        return asyncio.run(hear(store))
    finally:
        store.close()


def first_ones(arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Those that tell something new: of a revocation only its GUID says so."""
    new: dict[object, Arrival] = {}
    for original, guid in arrivals:
        key = (original, guid) if original[0] == REVOKED else original
        new.setdefault(key, (original, guid))
    return list(new.values())


@settings(max_examples=60)
@given(ARRIVALS, st.booleans())
def test_what_is_sent_again_is_recorded_once_under_whatever_guid(
    arrivals: list[Arrival], linked: bool
) -> None:
    assert heard(arrivals, linked=linked) == heard(first_ones(arrivals), linked=linked)
