"""The time as GitHub writes it."""

from datetime import UTC, datetime


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(at: str) -> int:
    """The same time as webhooks of pushes write it."""
    return int(datetime.fromisoformat(at).timestamp())
