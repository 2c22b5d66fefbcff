"""States of streams, kept while the log is followed.

A state that isn't kept is read from its stream and may then be ahead of the log; the
messages that follow in the log are folded once more, which changes nothing.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Generic, TypeVar, cast
from uuid import UUID

from shared.contracts import Fact, Message
from shared.store import Logged, Store

S = TypeVar("S")
F = TypeVar("F", bound=Fact)
KEPT = 1024


class Folds(Generic[S, F]):
    """One kind of aggregate, as far as the log was followed."""

    def __init__(
        self, store: Store, initial: S, evolve: Callable[[S, Message[F]], S]
    ) -> None:
        self._store = store
        self._initial = initial
        self._evolve = evolve
        self._kept: OrderedDict[UUID, S] = OrderedDict()

    async def after(self, entries: Iterable[Logged]) -> dict[UUID, S]:
        """The states of the streams in these entries, with the entries."""
        states: dict[UUID, S] = {}
        for entry in entries:
            known = states.get(entry.stream) or await self._load(entry.stream)
            message = cast("Message[F]", entry.message)
            states[entry.stream] = self._evolve(known, message)
        self._keep(states)
        return states

    async def _load(self, stream: UUID) -> S:
        if stream in self._kept:
            return self._kept[stream]
        messages = [row.message for row in await self._store.read(stream)]
        return reduce(self._evolve, cast("list[Message[F]]", messages), self._initial)

    def _keep(self, states: dict[UUID, S]) -> None:
        for stream, state in states.items():
            self._kept[stream] = state
            self._kept.move_to_end(stream)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
