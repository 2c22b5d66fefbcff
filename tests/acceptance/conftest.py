"""One running system for the tests of a module: starting processes takes seconds."""

from collections.abc import Iterator

import pytest

from .system import System

# So that a broken invariant shows what differs.
pytest.register_assert_rewrite("tests.acceptance.invariants")


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    module_amqp_url: str,
    module_database_url: str,
) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    system = System(folder, module_amqp_url, module_database_url)
    try:
        system.start()
        yield system
    finally:
        system.stop()
