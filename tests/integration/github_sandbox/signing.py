"""Somebody who signs in at a sandbox, and the application that they sign in to."""

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from github_sandbox.clients import App, Client

from .world import Reply, World

CALLBACK = "https://gitploy.example/signin"
OAUTH = Client("Ov23oauth", "oauth secret", CALLBACK)
APP = App(Client("Iv23app", "app secret", CALLBACK), public_key="")
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
