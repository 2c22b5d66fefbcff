"""Every setting of status-sync."""

from datetime import timedelta

from pydantic import Field, SecretStr

from shared.service import GitHubSettings, ServiceSettings

from .domain.limits import Limits


class Settings(ServiceSettings, GitHubSettings):
    """Environment variables that begin with GITPLOY_."""

    http_port: int = 8081
    #: What GitHub signs its webhooks with.
    webhook_secret: SecretStr = Field(min_length=1)
    #: How often GitHub is asked for what it could not deliver.
    sweep_interval_s: float = Field(default=300, gt=0)
    #: How long GitHub must show no such repository until that counts as its loss.
    repository_gone_after_s: float = Field(default=1800, gt=0)
    #: How long a link may take, until a deployment at GitHub counts as somebody else's.
    foreign_after_s: float = Field(default=120, gt=0)

    @property
    def sync_limits(self) -> Limits:
        return Limits(
            absence=timedelta(seconds=self.repository_gone_after_s),
            link=timedelta(seconds=self.foreign_after_s),
            sweep=timedelta(seconds=self.sweep_interval_s),
        )
