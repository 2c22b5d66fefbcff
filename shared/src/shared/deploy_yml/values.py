"""The kinds of values that a field may have, and what is wrong with one that is none.

What people write is looked at closely; what was stored was looked at when it was
written, and is read back whatever has become of the rules since.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, TypeAlias, cast

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from . import durations, patterns, windows

Look: TypeAlias = Callable[[Any], str | None]

#: So many different values of one kind are looked at.
MAX_DIFFERENT: Final = 1_000

_LOGIN: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?(?:\[bot\])?"
_TEAM: Final = r"@[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9_.-]{1,100}"
_REVIEWER: Final = re.compile(rf"(?:{_LOGIN}|{_TEAM})")


class Reading:
    """One reading of what people wrote: the context of such a validation.

    Each value is looked at once, and of each kind so many: a look at a pattern can
    take a millisecond.
    """

    def __init__(self) -> None:
        self._known: dict[Look, dict[Any, str | None]] = {}

    def mistake(self, look: Look, value: Any) -> str | None:
        known = self._known.setdefault(look, {})
        if value not in known:
            if len(known) >= MAX_DIFFERENT:
                return f"is one of over {MAX_DIFFERENT:,} different ones, too many"
            known[value] = look(value)
        return known[value]


def written(look: Look) -> AfterValidator:
    """Look at what people wrote: what is wrong with it, if anything."""
    return AfterValidator(lambda value, info: _looked_at(look, value, info))


def _looked_at(look: Look, value: Any, info: ValidationInfo) -> Any:
    reading = info.context
    if isinstance(reading, Reading) and (what := reading.mistake(look, value)):
        raise ValueError(what)
    return value


@dataclass(frozen=True)
class Few:
    """So many entries may be written; of what was stored before there may be more."""

    most: int

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_after_validator_function(
            self._counted, handler(source)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "maxItems": self.most}

    def _counted(self, given: list[Any], info: ValidationInfo) -> list[Any]:
        if isinstance(info.context, Reading) and len(given) > self.most:
            more = {"max_length": self.most}
            what = "must have at most {max_length} entries"
            raise PydanticCustomError("too_long", what, more)
        return given


def _printable(text: str) -> str | None:
    return None if text.isprintable() else "must have printable characters only"


def _who(name: str) -> str | None:
    if _REVIEWER.fullmatch(name):
        return None
    return "must be a login like `octocat` or a team like `@org/team`"


def _object_or_text(given: Any) -> Any:
    if isinstance(given, dict | str):
        return given
    raise ValueError("must be a mapping or text")


def _queue(given: Any) -> Any:
    if isinstance(given, bool) or given == "latest":
        return given
    raise ValueError("must be true, false or `latest`")


Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(min_length=1, max_length=255), written(_printable)]
Payload = Annotated[
    JsonValue,
    BeforeValidator(_object_or_text),
    WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "string"}]}),
]
Default = Annotated[
    JsonValue, WithJsonSchema({"type": ["string", "number", "boolean"]})
]
Queue = Annotated[bool | Literal["latest"], BeforeValidator(_queue)]
Pattern = Annotated[
    str,
    Field(min_length=1, max_length=patterns.LONGEST),
    written(patterns.mistake),
]
Who = Annotated[str, written(_who)]
#: Each of them is a question to GitHub.
People = Annotated[list[Who], Field(max_length=100)]
Cron = Annotated[str, written(windows.cron_mistake)]
Zone = Annotated[str, written(windows.zone_mistake)]


@dataclass(frozen=True)
class Lasting:
    """A duration in people's own words, between two bounds."""

    least: str
    most: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_before_validator_function(
            self._read,
            handler(source),
            serialization=core_schema.plain_serializer_function_ser_schema(
                durations.shown, return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": durations.PATTERN}

    def _read(self, given: Any, info: ValidationInfo) -> timedelta:
        if isinstance(given, timedelta):
            return given
        duration = durations.parse(given if isinstance(given, str) else "")
        return cast("timedelta", _looked_at(self._outside, duration, info))

    def _outside(self, duration: timedelta) -> str | None:
        least, most = durations.parse(self.least), durations.parse(self.most)
        return durations.outside(duration, least, most)
