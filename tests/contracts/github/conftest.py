from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.github_sandbox.signing import APP, OAUTH
from tests.integration.github_sandbox.world import World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with a_world(tmp_path, oauth=OAUTH, app=APP) as made:
        yield made
