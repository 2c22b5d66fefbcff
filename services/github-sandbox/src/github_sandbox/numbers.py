"""Ids of what has a name and no record of its own."""

import zlib


def stable_number(name: str) -> int:
    """A number that a name always has."""
    return 100_000_000 + zlib.crc32(name.casefold().encode()) % 900_000_000
