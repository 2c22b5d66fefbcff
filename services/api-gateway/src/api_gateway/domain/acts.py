"""What somebody looks for among the things that people did."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class ActsWanted:
    """Nothing said means all."""

    since: datetime | None = None
    until: datetime | None = None
    who: str | None = None
    repository: str | None = None
    action: str | None = None

    def match(self, at: datetime, who: str, repository: str, action: str) -> bool:
        """Whether something is among what is looked for."""
        return (
            (self.since is None or at >= self.since)
            and (self.until is None or at <= self.until)
            and self.who in {None, who}
            and self.repository in {None, repository}
            and self.action in {None, action}
        )
