"""Every setting of the verifier."""

from datetime import timedelta

from pydantic import PositiveInt

from shared.service import GitHubSettings, ServiceSettings


class Settings(ServiceSettings, GitHubSettings):
    http_port: int = 8082
    #: For so long after a verdict the deployment may be begun at GitHub.
    verdict_holds_s: PositiveInt = 15 * 60

    @property
    def verdict_holds(self) -> timedelta:
        return timedelta(seconds=self.verdict_holds_s)
