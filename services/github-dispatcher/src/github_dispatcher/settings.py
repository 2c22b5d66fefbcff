"""Every setting of the dispatcher."""

from typing import Literal

from pydantic import Field, HttpUrl, SecretStr

from shared.service import GitHubSettings, HttpAddress, ServiceSettings

from .domain.answers import Limits


class Settings(ServiceSettings, GitHubSettings):
    """Environment variables that begin with GITPLOY_."""

    http_port: int = 8083
    #: Where GitHub shall send webhooks: status-sync's `/hooks`, as GitHub reaches it.
    hooks_url: HttpUrl
    #: What GitHub signs its webhooks with.
    webhook_secret: SecretStr = Field(min_length=1)
    #: Where people find Gitploy, for the links that tools are given; none if empty.
    public_url: HttpAddress | Literal[""] = ""
    #: GitHub's secondary limits allow 80 creating calls per minute and token.
    github_writes_per_minute: float = Field(default=60, gt=0)
    github_writes_burst: int = Field(default=20, ge=1)
    #: The timeout of the POST that creates a deployment.
    dispatch_post_s: float = Field(default=10, gt=0)
    #: How much longer an attempt is open; in that time the POST has to begin.
    dispatch_spare_s: float = Field(default=20, gt=0)
    #: When an attempt that GitHub left unanswered is looked up once more.
    dispatch_late_look_s: float = Field(default=600, gt=0)

    @property
    def attempt_limits(self) -> Limits:
        return Limits(
            self.dispatch_post_s, self.dispatch_spare_s, self.dispatch_late_look_s
        )
