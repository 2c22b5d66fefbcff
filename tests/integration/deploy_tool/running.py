"""The tool as a process of its own, and what GitHub would send to it."""

import asyncio
import hashlib
import hmac
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

SECRET = "hush"
TOKEN = "token"
#: Not how long it takes: how long a machine that does much else may need.
PATIENCE_S = 60


@dataclass
class Running:
    process: Process
    url: str

    async def deliver(self, secret: str = SECRET, **deployment: Any) -> int:
        told = {"id": 7, "sha": "c0ffee", "environment": "production", "payload": {}}
        body = json.dumps({"deployment": told | deployment}).encode()
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "X-GitHub-Event": "deployment",
            "X-Hub-Signature-256": f"sha256={digest}",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/webhook", data=body, headers=headers) as answer,
        ):
            return answer.status

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def running(
    github_url: str,
    directory: Path,
    port: int,
    *flags: str,
    repository: str = "octo/hello",
    token: str = TOKEN,
) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "deploy_tool", "--repository", repository),
        *("--github-url", github_url, "--directory", str(directory)),
        *("--port", str(port), "--step-seconds", "0", *flags),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env=os.environ | {"DEPLOY_TOOL_TOKEN": token, "DEPLOY_TOOL_SECRET": SECRET},
    )
    assert process.stdout is not None
    try:
        ready = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
        assert ready.decode().startswith("deploy-tool ready on ")
        yield Running(process, ready.decode().split()[-1])
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
