"""DORA's four key figures."""

from pydantic import Field

from .base import Answer, Time


class Frequency(Answer):
    """How often changes arrive."""

    count: int
    per_day: float


class Times(Answer):
    """How long something took, as far as it is known."""

    count: int
    median_seconds: float | None
    p90_seconds: float | None


class FailureRate(Answer):
    """How much of what was tried failed, or was rolled back."""

    count: int
    failed: int
    rate: float | None
    """None where nothing was tried."""


class Restoring(Times):
    """From a failure to the next success."""

    broken_since: Time | None
    """Where the last word of the period is a failure."""


class Delivery(Answer):
    """DORA's four key figures of one environment in one period."""

    environment: str
    since: Time = Field(alias="from")
    to: Time
    deployment_frequency: Frequency
    lead_time: Times
    """From the commit to its first success in the environment."""
    change_failure_rate: FailureRate
    time_to_restore: Restoring
