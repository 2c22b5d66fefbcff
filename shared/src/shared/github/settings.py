"""Where GitHub is, and as whom to speak with it, as a service is told from outside."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.connections import proxy_of
from shared.observability import metrics

from .auth import READING, AppAuth, Auth, TokenAuth
from .client import GitHubClient
from .hosts import graphql_url, web_url
from .limits import Clock, WriteBudget
from .wire import Timeouts

GITHUB_COM: Final = "https://api.github.com"
TOKEN: Final = "GITPLOY_GITHUB_TOKEN"  # noqa: S105 - its name
APP: Final = "GITPLOY_GITHUB_APP_CLIENT_ID"
KEY: Final = "GITPLOY_GITHUB_APP_PRIVATE_KEY"


def _http_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must begin with http:// or https://, and name a host")
    return url.rstrip("/")


HttpAddress = Annotated[str, AfterValidator(_http_address)]


def _after_api(door: Callable[[str], str]) -> Callable[[dict[str, Any]], str]:
    return lambda told: door(told.get("github_api_url", GITHUB_COM))


class GitHubSettings(BaseSettings):
    """Environment variables that begin with GITPLOY_.

    Gitploy speaks as a GitHub App or with one token: as one of the two.
    """

    model_config = SettingsConfigDict(
        env_prefix="GITPLOY_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    github_api_url: HttpAddress = GITHUB_COM
    #: These two follow from the first, if they aren't told.
    github_graphql_url: HttpAddress = Field(default_factory=_after_api(graphql_url))
    github_web_url: HttpAddress = Field(default_factory=_after_api(web_url))
    github_token: SecretStr | None = None
    #: Its client id; the older app id does as well.
    github_app_client_id: str = ""
    #: In PEM. Where a setting can't have several lines, `\n` stands for their ends.
    github_app_private_key: SecretStr | None = None

    @field_validator("github_token", "github_app_private_key", mode="before")
    @classmethod
    def _empty_is_none(cls, given: Any) -> Any:
        return None if given == "" else given

    @field_validator("github_app_private_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is None:
            return None
        pem = given.get_secret_value().replace("\\n", "\n")
        try:
            usable = isinstance(load_pem_private_key(pem.encode(), None), RSAPrivateKey)
        except (ValueError, TypeError):
            usable = False
        if not usable:
            # The library's own error might quote the key.
            raise ValueError("it is no RSA private key in PEM, as GitHub gives it out")
        return SecretStr(pem)

    @model_validator(mode="after")
    def _speaks_as_one(self) -> Self:
        app, key = bool(self.github_app_client_id), bool(self.github_app_private_key)
        if self.github_token and (app or key):
            raise ValueError(
                f"{TOKEN} and {APP if app else KEY} are both set: "
                "Gitploy speaks as one of the two"
            )
        if app != key:
            raise ValueError(f"{KEY if app else APP} is not set")
        if not (self.github_token or app):
            raise ValueError(f"{TOKEN} is not set, nor are {APP} and {KEY}")
        return self

    @property
    def is_app(self) -> bool:
        """Whether Gitploy speaks as a GitHub App."""
        return bool(self.github_app_client_id)

    def github_session(self) -> aiohttp.ClientSession:
        """For the way to GitHub, through the proxy that the environment names."""
        # It speaks for many: what GitHub gives one as a cookie is no other's.
        return aiohttp.ClientSession(
            proxy=proxy_of(self.github_api_url), cookie_jar=aiohttp.DummyCookieJar()
        )

    def github_client(
        self,
        session: aiohttp.ClientSession,
        clock: Clock,
        *,
        budget: WriteBudget | None = None,
        timeouts: Timeouts | None = None,
        token: str | None = None,
        needs: Mapping[str, str] = READING,
    ) -> GitHubClient:
        """A client that counts its calls, in Gitploy's name or with another token.

        As an App it gets tokens that may do what it `needs`, and no more.
        """
        return GitHubClient(
            session,
            self.github_api_url,
            self.github_graphql_url,
            TokenAuth(token) if token else self._auth(clock, needs),
            clock=clock,
            budget=budget,
            timeouts=timeouts,
            on_call=count_call,
        )

    def _auth(self, clock: Clock, needs: Mapping[str, str]) -> Auth:
        if self.github_token:
            return TokenAuth(self.github_token.get_secret_value())
        key = self.github_app_private_key or SecretStr("")
        return AppAuth(
            self.github_app_client_id, key.get_secret_value(), clock, needs=needs
        )


def count_call(method: str, route: str, status: int, seconds: float) -> None:
    """A call to GitHub, for the metrics."""
    metrics.github_call_seconds.labels(method, route, str(status)).observe(seconds)
