"""Every setting of status-sync."""

from pydantic import Field, SecretStr

from shared.service import GitHubSettings, ServiceSettings


class Settings(ServiceSettings, GitHubSettings):
    """Environment variables that begin with GITPLOY_."""

    http_port: int = 8081
    #: What GitHub signs its webhooks with.
    webhook_secret: SecretStr = Field(min_length=1)
    #: How often GitHub is asked for what it could not deliver.
    sweep_interval_s: float = Field(default=300, gt=0)
