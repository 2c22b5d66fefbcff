"""What the gateway is told from outside."""

import json
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from shared.service import GitHubSettings, ServiceSettings

from .domain.limits import Limits


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
