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
