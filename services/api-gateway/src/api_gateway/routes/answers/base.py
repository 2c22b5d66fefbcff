"""What all answers have in common."""

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

#: RFC 3339, in UTC; `0001-01-01T00:00:00Z` was never set.
Time = AwareDatetime
CommandState = Literal["pending", "done", "refused", "unanswered"]


def _open(schema: dict[str, Any]) -> None:
    """Clients must bear members that are added later; the tests must not."""
    schema.pop("additionalProperties", None)


class Answer(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        json_schema_extra=_open,
        # A service starts without them: only the description needs them, and tests.
        defer_build=True,
    )


class Became(Answer):
    """What became of something that was asked for."""

    state: CommandState
    """`unanswered` after 15 minutes; an answer that comes yet counts."""
    code: str | None
    """Why it was refused, for programs."""
    message: str | None
    """Why it was refused, for people."""
