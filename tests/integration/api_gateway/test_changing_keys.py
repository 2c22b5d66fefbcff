"""The keys for what GitHub gives are changed while two replicas answer."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from api_gateway.settings import Settings

from .people_at_github import KEY, READER, Town, bearer, signing_in, town_of

NEW = Fernet.generate_key().decode()
SOON = timedelta(minutes=11)


async def synced(towns: Sequence[Town], secret: str) -> list[int]:
    """What each answers who has to ask GitHub with a person's token for it."""
    asked = (town.api.post("/api/v1/sync", headers=bearer(secret)) for town in towns)
    return [answer.status for answer in await asyncio.gather(*asked)]


async def test_in_the_order_of_the_page_nobody_notices(database_url: str) -> None:
    def replica(keys: str) -> Settings:
        return signing_in(database_url, encryption_keys=keys)

    steps = (KEY, f"{KEY},{NEW}", f"{NEW},{KEY}", NEW)
    async with town_of(replica(steps[0])) as first:
        reader, people, clock = await first.sign_in(READER), first.people, first.clock
    for before, after in pairwise(steps):
        async with (
            town_of(replica(before), people, clock) as old,
            town_of(replica(after), people, clock) as new,
        ):
            assert await synced([old, new], reader) == [200, 200]
            # Who signs in at either is known to both.
            for town in (old, new):
                session = await town.sign_in(READER)
                assert await synced([old, new], session) == [200, 200]


async def test_a_replica_that_lacks_a_key_says_so(database_url: str) -> None:
    async with town_of(signing_in(database_url)) as old:
        reader, people, clock = await old.sign_in(READER), old.people, old.clock
        ahead = signing_in(database_url, encryption_keys=f"{NEW},{KEY}")
        async with town_of(ahead, people, clock) as new:
            with capture_logs() as logs:
                assert await synced([old, new], reader) == [503, 200]
            clock.advance(SOON)
            assert (await old.get("/repos", reader)).status == 200
            assert (await new.get("/repos", reader)).status == 200
        clock.advance(timedelta(hours=5))
        answer = await old.get("/repos", reader)
        assert answer.status == 503
    [said] = [one for one in logs if one["event"] == "github_token_unreadable"]
    assert (said["log_level"], said["user_id"]) == ("error", READER.id)
    assert "give all replicas the same keys" in said["to_do"]
