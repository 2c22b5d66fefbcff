"""Somebody who signs in at a sandbox, and the application that they sign in to."""

import asyncio
import base64
import hashlib
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from github_sandbox.clients import App, Client

from .world import PATIENCE_S, Reply, World

CALLBACK = "https://gitploy.example/signin"
OAUTH = Client("Ov23oauth", "oauth secret", CALLBACK)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
APP = App(
    Client("Iv23app", "app secret", CALLBACK),
    PUBLIC.decode(),
    hook_secret="the app's secret",
)
VERIFIER = "a-verifier-that-nobody-guesses-because-it-is-long"
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    .decode()
    .rstrip("=")
)
ASKED = {"scope": "repo read:org", "state": "s&s", "code_challenge": CHALLENGE}
FORMS = {"Accept": "application/json", "Content-Type": "application/json"}


@dataclass(frozen=True)
class Signing:
    world: World
    client: Client = OAUTH

    async def authorize(self, **different: str) -> Reply:
        asked = {"client_id": self.client.id, "redirect_uri": CALLBACK, **ASKED}
        url = f"{self.world.url}/login/oauth/authorize"
        async with self.world.session.get(
            f"{url}?{urlencode(asked | different)}", allow_redirects=False
        ) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, headers, await answer.read())

    async def back(self, **different: str) -> dict[str, str]:
        """What somebody brings back to the application."""
        reply = await self.authorize(**different)
        assert reply.status == 302, reply.raw
        where, _, query = reply.headers["location"].partition("?")
        assert where == CALLBACK
        return {name: value for name, (value,) in parse_qs(query).items()}

    async def trade(self, **different: str) -> dict[str, Any]:
        body = {
            "client_id": self.client.id,
            "client_secret": self.client.secret,
            **different,
        }
        path = "/login/oauth/access_token"
        reply = await self.world.call("POST", path, body, token=None, headers=FORMS)
        assert reply.status == 200
        told: dict[str, Any] = reply.json
        return told

    async def sign_in(self, login: str, **different: str) -> dict[str, Any]:
        code = (await self.back(login=login, **different))["code"]
        return await self.trade(code=code, code_verifier=VERIFIER)

    @property
    def basic(self) -> dict[str, str]:
        """How the application says who it is."""
        told = base64.b64encode(f"{self.client.id}:{self.client.secret}".encode())
        return {"Authorization": f"Basic {told.decode()}"}

    async def token(self, login: str, **different: str) -> str:
        return str((await self.sign_in(login, **different))["access_token"])


def signed(**different: Any) -> str:
    """The JWT with which the App says who it is."""
    now = int(time.time())
    claims = {"iat": now - 60, "exp": now + 540, "iss": APP.client.id} | different
    told = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(told, PEM, algorithm="RS256")


async def installed(world: World) -> int:
    """The number of the App's installation."""
    listed = await world.call("GET", "/app/installations", token=signed())
    (known,) = listed.json
    return int(known["id"])


async def mint(world: World, **body: Any) -> Reply:
    path = f"/app/installations/{await installed(world)}/access_tokens"
    return await world.call("POST", path, body, token=signed())


async def app_delivery(world: World, status: str) -> Any:
    """The newest delivery to the App's hook that ended so, once there is one."""
    path = f"/app/hook/deliveries?status={status}"
    async with asyncio.timeout(PATIENCE_S):
        while True:
            listed = (await world.call("GET", path, token=signed())).json
            if listed:
                return listed[0]
            await asyncio.sleep(0.01)
