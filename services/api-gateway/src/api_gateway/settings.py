"""What the gateway is told from outside."""

import json
from datetime import timedelta
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from shared.service import GitHubSettings, HttpAddress, ServiceSettings

from .domain.access import AccessRules
from .domain.limits import Limits

#: Words separated by commas.
Names = Annotated[tuple[str, ...], NoDecode]


#: Whoever sends GITPLOY_API_TOKEN.
GITPLOY_ID: Final = 0


class ApiToken(BaseModel):
    """A token that acts as somebody: for demos, tests and scripts."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr = Field(min_length=1)
    #: GitHub's numeric id of the user.
    id: PositiveInt
    login: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}$")
    admin: bool = False


class Settings(ServiceSettings, GitHubSettings):
    """Environment variables that begin with GITPLOY_."""

    http_port: int = 8080
    #: The bearer token of the API; acts as user 0, `gitploy`, an administrator.
    api_token: SecretStr = Field(min_length=1)
    #: More of them, each for one person.
    api_tokens: Annotated[tuple[ApiToken, ...], NoDecode] = ()
    #: The deadlines, in seconds.
    ask_again_s: PositiveFloat = 30
    ask_in_queue_s: PositiveFloat = 5 * 60
    verdict_timeout_s: PositiveFloat = 15 * 60
    push_timeout_s: PositiveFloat = 24 * 60 * 60
    tooling_timeout_s: PositiveFloat = 30 * 60
    silence_timeout_s: PositiveFloat = 60 * 60
    cancel_grace_s: PositiveFloat = 5 * 60
    command_timeout_s: PositiveFloat = 15 * 60
    #: How often passed deadlines are looked for.
    deadlines_every_s: PositiveFloat = 1
    #: Where people's browsers find Gitploy.
    public_url: HttpAddress | Literal[""] = ""
    #: How much one person may ask in a minute, and those together whom nobody knows
    #: that come from one address.
    requests_per_minute: PositiveFloat = 6000
    strangers_per_minute: PositiveFloat = 600
    #: How many streams of live events one person may have open at this replica, and
    #: how many there may be in all.
    streams_per_person: PositiveInt = 100
    streams_in_all: PositiveInt = 2000
    #: How many proxies of ours stand before us, and say whom they let through.
    trusted_hops: NonNegativeInt = 0
    #: Other sites whose pages may use the API, like `https://portal.example.com`.
    cors_origins: Names = ()
    #: The OAuth app, or the GitHub App, that people sign in to; none: nobody signs in.
    github_client_id: str = ""
    github_client_secret: SecretStr = SecretStr("")
    #: What an OAuth app asks people for; a GitHub App has its permissions instead.
    github_scopes: Names = ("repo", "read:user", "read:org")
    #: Logins and organizations that may sign in; none: everybody.
    member_entries: Names = ()
    #: The only owners whose repositories count; none: all.
    organization_entries: Names = ()
    #: Logins that administer Gitploy.
    admin_users: Names = ()
    #: Fernet keys for what GitHub gives: the first closes, all of them open.
    encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), validate_default=True
    )
    #: A session ends when it is not used for so long, and at the latest after that.
    session_idle_s: PositiveFloat = 3 * 24 * 60 * 60
    session_life_s: PositiveFloat = 30 * 24 * 60 * 60
    #: What GitHub said of somebody's permissions is believed for so long, and while it
    #: is away for that long.
    permissions_fresh_s: PositiveFloat = 2 * 60
    permissions_hold_s: PositiveFloat = 4 * 60 * 60

    @field_validator("api_tokens", mode="before")
    @classmethod
    def _is_json(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        try:
            told = json.loads(given or "[]")
        except json.JSONDecodeError:
            # The error would quote the text, and with it the tokens.
            raise ValueError("it is not valid JSON") from None
        if isinstance(told, list):
            return told
        raise ValueError("it must be a list of tokens, in JSON")

    @field_validator("api_tokens")
    @classmethod
    def _tokens_differ(
        cls, given: tuple[ApiToken, ...], others: ValidationInfo
    ) -> tuple[ApiToken, ...]:
        tokens = [told.token for told in given]
        if api_token := others.data.get("api_token"):
            tokens.append(api_token)
        if len({token.get_secret_value() for token in tokens}) < len(tokens):
            raise ValueError("a token is there twice, or is that of GITPLOY_API_TOKEN")
        return given

    @field_validator(
        "cors_origins",
        "github_scopes",
        "member_entries",
        "organization_entries",
        "admin_users",
        "encryption_keys",
        mode="before",
    )
    @classmethod
    def _are_words(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        return [word for part in given.split(",") if (word := part.strip())]

    @field_validator("encryption_keys")
    @classmethod
    def _suffice_for_signing_in(
        cls, given: tuple[SecretStr, ...], others: ValidationInfo
    ) -> tuple[SecretStr, ...]:
        for key in given:
            try:
                Fernet(key.get_secret_value())
            except ValueError:
                text = (
                    "each must be 32 bytes in URL-safe Base64: `gitploy key` makes one"
                )
                raise ValueError(text) from None
        told = others.data
        if not told.get("github_client_id"):
            return given
        if not given:
            raise ValueError(
                "it must be there for people to sign in: run `gitploy key`"
            )
        secret = told.get("github_client_secret")
        if not secret or not secret.get_secret_value():
            text = "people can't sign in without GITPLOY_GITHUB_CLIENT_SECRET, too"
            raise ValueError(text)
        if not told.get("public_url"):
            raise ValueError("people can't sign in without GITPLOY_PUBLIC_URL, too")
        return given

    @property
    def signs_in(self) -> bool:
        """Whether people sign in with GitHub, and GitHub says what they may do."""
        return bool(self.github_client_id)

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by HTTPS: all but those on this very machine."""
        parts = urlsplit(self.public_url)
        local = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        return not (local and parts.scheme == "http")

    @property
    def access(self) -> AccessRules:
        """Who may do what, as the domain takes it."""
        fresh = timedelta(seconds=self.permissions_fresh_s)
        hold = timedelta(seconds=self.permissions_hold_s)
        return AccessRules(
            members=_cased(self.member_entries),
            organizations=_cased(self.organization_entries),
            admins=_cased(self.admin_users),
            admin_ids=frozenset(
                {GITPLOY_ID, *(told.id for told in self.api_tokens if told.admin)}
            ),
            session_idle=timedelta(seconds=self.session_idle_s),
            session_life=timedelta(seconds=self.session_life_s),
            fresh=fresh,
            stale=min(5 * fresh, hold),
            hold=hold,
        )

    @property
    def limits(self) -> Limits:
        """The deadlines as the domain takes them."""
        return Limits(
            asking=timedelta(seconds=self.ask_again_s),
            verdict=timedelta(seconds=self.verdict_timeout_s),
            push=timedelta(seconds=self.push_timeout_s),
            queue=timedelta(seconds=self.ask_in_queue_s),
            created=timedelta(seconds=self.tooling_timeout_s),
            running=timedelta(seconds=self.silence_timeout_s),
            grace=timedelta(seconds=self.cancel_grace_s),
            command=timedelta(seconds=self.command_timeout_s),
        )


def _cased(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
