"""A deployment that is asked for, when somebody doesn't wait for the answer."""

import asyncio
from typing import Any

import pytest

from gitploy.asking import Asked
from gitploy.client import Reply
from gitploy.deploying import carry_out
from gitploy.local.system import Api
from gitploy.output import Output

from .fake import NAME, REPO, URL, FakeClient, FakeGateway


class Impatient(FakeClient):
    """Ctrl-C comes before the answer."""

    async def _reply(self, *_: Any, **__: Any) -> Reply:
        raise asyncio.CancelledError


async def test_whoever_goes_is_told_that_it_may_be_under_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ask = Asked(Impatient(FakeGateway()), Output(), Api(URL, "t0ken"))
    with pytest.raises(asyncio.CancelledError):
        await carry_out(ask, NAME, f"{REPO}/deployments", {}, watch=False)
    assert f"gitploy deployment list {NAME}" in capsys.readouterr().err
