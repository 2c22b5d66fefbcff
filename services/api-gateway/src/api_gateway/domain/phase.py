"""Where a deployment stands, in our words and in those of the v1 API.

Phases are finer than Gitploy's statuses: `waiting` alone tells nobody whether the
verifier or GitHub is meant. The API shows both.
"""

from enum import StrEnum


class Phase(StrEnum):
    """Where a deployment stands."""

    REQUESTED = "requested"
    WAITING_FOR_CHECKS = "waiting_for_checks"
    WAITING_FOR_REVIEW = "waiting_for_review"
    VERIFYING = "verifying"
    WAITING_IN_QUEUE = "waiting_in_queue"
    DISPATCHING = "dispatching"
    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELING = "canceling"
    CANCELED = "canceled"
    REJECTED = "rejected"
    REFUSED = "refused"
    GONE = "gone"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected to happen."""
        return self in ENDED

    @property
    def status(self) -> str:
        """The word of the v1 API."""
        return STATUSES.get(self, self.value)


ENDED = frozenset(
    {
        Phase.CANCELED,
        Phase.REJECTED,
        Phase.REFUSED,
        Phase.GONE,
        Phase.SUCCESS,
        Phase.FAILURE,
        Phase.ERROR,
    }
)
#: Where the API's word is another one.
STATUSES = {
    Phase.REQUESTED: "waiting",
    Phase.WAITING_FOR_CHECKS: "waiting",
    Phase.WAITING_FOR_REVIEW: "waiting",
    Phase.VERIFYING: "waiting",
    Phase.WAITING_IN_QUEUE: "waiting",
    Phase.DISPATCHING: "waiting",
    Phase.ERROR: "failure",
    Phase.REFUSED: "failure",
    Phase.CANCELING: "canceled",
    Phase.GONE: "canceled",
}
#: All words of the v1 API.
ALL_STATUSES = frozenset(phase.status for phase in Phase)
