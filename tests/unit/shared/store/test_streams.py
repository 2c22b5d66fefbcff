"""Streams settle every race; nothing is recorded twice; asking is answered."""

from collections.abc import Iterator

import pytest

from shared.store import Store
from shared.testing.streams import StreamsConformance


class TestInMemory(StreamsConformance):
    @pytest.fixture
    def store(self) -> Iterator[Store]:
        store = Store.open("verifier", "memory://")
        yield store
        store.close()
