"""A map that only grows, for streams without end."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
_PARTS: Final = 512


@dataclass(frozen=True)
class Parts(Generic[K, V]):
    """A map in parts: to add an entry copies its part, and not the whole."""

    parts: Mapping[int, Mapping[K, V]] = field(default_factory=dict)

    def __contains__(self, key: K) -> bool:
        return key in self.parts.get(hash(key) % _PARTS, ())

    def get(self, key: K) -> V | None:
        return self.parts.get(hash(key) % _PARTS, {}).get(key)

    def having(self, key: K, value: V) -> "Parts[K, V]":
        """The same, with this entry instead of the one that the key had."""
        part = hash(key) % _PARTS
        entries = {**self.parts.get(part, {}), key: value}
        return Parts({**self.parts, part: entries})
