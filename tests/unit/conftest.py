"""Unit tests do no I/O: a socket is an error, but for the event loop's own pair.

And no law depends on how fast this machine is just now.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from pytest_socket import disable_socket, enable_socket

settings.register_profile("whatever the load", deadline=None)
settings.load_profile("whatever the load")


@pytest.fixture(autouse=True)
def no_sockets() -> Iterator[None]:
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()
