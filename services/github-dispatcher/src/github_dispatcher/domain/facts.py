"""What only the dispatcher knows about a deployment: its attempts, and what it found.

Each carries the natural key of what it tells (the attempt, GitHub's deployment), so
that filing it twice or in another order makes no difference.
"""

from datetime import datetime

from shared.contracts import Fact, Repository


class AttemptStarted(Fact):
    """From here on there may be a deployment at GitHub with our marker."""

    #: Counts from 1.
    attempt: int
    #: The only one who may POST, once.
    worker: str
    #: The POST may begin until then: its full timeout still remains.
    begin_by: datetime
    #: Nobody looks it up, or creates again, before that.
    until: datetime


class AttemptEnded(Fact):
    """GitHub has answered the attempt clearly, or surely never heard of it."""

    attempt: int
    #: `created`, `refused`, or why it is worth another attempt.
    outcome: str
    message: str = ""
    #: What it made; none if nothing was created.
    github_deployment_id: int | None = None
    #: No other attempt before that.
    retry_at: datetime | None = None


class BeginningPostponed(Fact):
    """A rate limit lets nothing begin before that, which is nobody's fault."""

    until: datetime


class LookedUp(Fact):
    """The window of an unanswered attempt had passed, and GitHub was searched.

    What was found is told by other facts; all else was absent at that time.
    """

    #: 0: before the first one, of an order that came late.
    attempt: int


class LateLooked(Fact):
    """GitHub was searched once more for what the attempts up to this one made late."""

    attempt: int


class ExtraFound(Fact):
    """GitHub has a deployment with our marker that isn't the recorded one."""

    repository: Repository
    github_deployment_id: int


class ExtraStopped(Fact):
    """It was set to `error`."""

    github_deployment_id: int


class SightingDismissed(Fact):
    """A webhook named a deployment that, as GitHub itself says, is none of ours."""

    github_deployment_id: int
