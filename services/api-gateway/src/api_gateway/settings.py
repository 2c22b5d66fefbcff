"""What the gateway is told from outside."""

from datetime import timedelta

from pydantic import Field, PositiveFloat, SecretStr

from shared.service import GitHubSettings, ServiceSettings

from .domain.deadlines import Limits


class Settings(ServiceSettings, GitHubSettings):
    """Environment variables that begin with GITPLOY_."""

    http_port: int = 8080
    #: The bearer token of the API; acts as user 0, `gitploy`, an administrator.
    api_token: SecretStr = Field(min_length=1)
    #: The deadlines, in seconds.
    ask_again_s: PositiveFloat = 30
    verdict_timeout_s: PositiveFloat = 15 * 60
    tooling_timeout_s: PositiveFloat = 30 * 60
    silence_timeout_s: PositiveFloat = 60 * 60
    cancel_grace_s: PositiveFloat = 5 * 60
    command_timeout_s: PositiveFloat = 15 * 60
    #: How often passed deadlines are looked for.
    deadlines_every_s: PositiveFloat = 1

    @property
    def limits(self) -> Limits:
        """The deadlines as the domain takes them."""
        return Limits(
            asking=timedelta(seconds=self.ask_again_s),
            verdict=timedelta(seconds=self.verdict_timeout_s),
            created=timedelta(seconds=self.tooling_timeout_s),
            running=timedelta(seconds=self.silence_timeout_s),
            grace=timedelta(seconds=self.cancel_grace_s),
            command=timedelta(seconds=self.command_timeout_s),
        )
