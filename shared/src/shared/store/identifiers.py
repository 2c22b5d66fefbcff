"""Random ids of messages, as RFC 9562's version 4.

The operating system is asked for the randomness of many at once: one call for each
would be a tenth of what recording a status costs.
"""

import os
import threading
from typing import Final
from uuid import UUID

SIZE: Final = 16
BATCH: Final = 256


class _Pool(threading.local):
    def __init__(self) -> None:
        self.bytes = b""


_pool = _Pool()


def new_id() -> str:
    """An id that nothing else has."""
    if not _pool.bytes:
        _pool.bytes = os.urandom(SIZE * BATCH)
    taken, _pool.bytes = _pool.bytes[:SIZE], _pool.bytes[SIZE:]
    return str(UUID(bytes=taken, version=4))
