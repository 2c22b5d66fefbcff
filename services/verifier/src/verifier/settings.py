"""Every setting of the verifier."""

from datetime import timedelta

from pydantic import NonNegativeInt, PositiveInt

from shared.service import GitHubSettings, ServiceSettings


class Settings(ServiceSettings, GitHubSettings):
    http_port: int = 8082
    #: For so long after a verdict the deployment may be begun at GitHub.
    verdict_holds_s: PositiveInt = 15 * 60

    #: For so long a push whose commit has no check yet waits for a first one.
    first_check_within_s: NonNegativeInt = 2 * 60

    @property
    def first_check(self) -> timedelta:
        return timedelta(seconds=self.first_check_within_s)

    @property
    def verdict_holds(self) -> timedelta:
        return timedelta(seconds=self.verdict_holds_s)
