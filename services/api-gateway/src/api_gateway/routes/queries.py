"""What may stand behind a path: the models of the parameters.

A parameter is always a text; these say what it has to look like.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from api_gateway.domain.phase import ALL_STATUSES
from api_gateway.read_model.paging import Page

from .bodies import OverrideBody, Overriding, RefBody
from .texts import MAX_NAME, DynamicPayload, FullSha, published
from .times import time_from

MAX_PER_PAGE = 100
#: So many entries of a list are counted off at most, to find a page by its number.
DEEPEST = 100_000
#: The id of a deployment.
CURSOR = r"^[0-9]{1,18}$"
MAX_CURSOR = 18
#: The time of a deployment, and its id.
TIMED_CURSOR = r"^[0-9]{1,18}\.[0-9]{1,18}$"
#: Numbers beyond this are none of ours, and more than a column takes.
MAX_INT = 2**31 - 1
DIGITS = re.compile(r"[0-9]{1,20}")
#: Of JSON behind a path, in bytes: an address has room for about 8,000, escaped.
MAX_JSON = 2000
FLAGS = {"false": False, "": True, "true": True}


def _integer(most: int) -> BeforeValidator:
    def read(given: str) -> int:
        if DIGITS.fullmatch(given) and 1 <= int(given) <= most:
            return int(given)
        raise ValueError(f"it must be an integer from 1 to {most}")

    return BeforeValidator(read)


def _flag(given: str) -> bool:
    if given not in FLAGS:
        raise ValueError("it must be true or false")
    return FLAGS[given]


def _filter(text: str) -> str | None:
    if "\0" in text:
        raise ValueError("it contains a zero byte")
    return text or None


def _statuses(text: str) -> str:
    for each in filter(None, text.split(",")):
        _status(each)
    return text.strip(",")


def _status(text: str) -> str:
    if text and text not in ALL_STATUSES:
        raise ValueError(f"it must be one of {', '.join(sorted(ALL_STATUSES))}")
    return text


def _json(given: str) -> Any:
    if len(given.encode()) > MAX_JSON:
        raise ValueError(f"it is longer than {MAX_JSON} bytes")
    try:
        return orjson.loads(given)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is not valid JSON: {error}") from error


#: What a body has as JSON stands behind a path as the text of that JSON.
IsJson = BeforeValidator(_json)
#: An empty filter filters nothing.
Filter = Annotated[
    str,
    Field(max_length=MAX_NAME),
    AfterValidator(_filter),
    published(pattern=r"^[^\x00]*$"),
]
Status = Annotated[
    Filter, BeforeValidator(_status), published(enum=["", *sorted(ALL_STATUSES)])
]
ANY_STATUS = f"(?:{'|'.join(sorted(ALL_STATUSES))})?"
Statuses = Annotated[
    Filter,
    BeforeValidator(_statuses),
    published(pattern=f"^{ANY_STATUS}(?:,{ANY_STATUS})*$"),
]
#: `?name`, or `?name=true`.
Flag = Annotated[bool, BeforeValidator(_flag)]
Time = Annotated[datetime, BeforeValidator(time_from)]


class Query(BaseModel):
    """What a request says behind its path; what we don't know is ignored."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)
    #: The parameters by which less has to be looked through.
    narrowed_by: ClassVar[Sequence[str]] = ()


class PageQuery(Query):
    """Which part of a list is wanted."""

    page: Annotated[int, Field(ge=1, le=MAX_INT), _integer(MAX_INT)] = 1
    """Counted from 1. Times `per_page` it is at most 100,000, if not less is said."""
    per_page: Annotated[int, Field(ge=1, le=MAX_PER_PAGE), _integer(MAX_PER_PAGE)] = 30
    """How many a page has."""

    @model_validator(mode="after")
    def _is_within_reach(self) -> Self:
        """Whatever comes before a page that is named by its number is counted off."""
        if self.wanted.cursor is None and self.page * self.per_page > DEEPEST:
            raise ValueError(
                f"page times per_page is at most {DEEPEST}: follow the header Link, or "
                "ask for less"
            )
        return self

    @property
    def wanted(self) -> Page:
        return Page(number=self.page, size=self.per_page)


class KeysetQuery(PageQuery):
    """Which part of a list is wanted that may be very long."""

    cursor: Annotated[str, Field(pattern=CURSOR, max_length=MAX_CURSOR)] | None = None
    """Where the page before ended, from its `Link` header; `page` then only counts."""

    @property
    def wanted(self) -> Page:
        places = self.cursor and tuple(map(int, self.cursor.split(".")))
        return Page(number=self.page, size=self.per_page, cursor=places or None)


class RepositoriesQuery(PageQuery):
    """Which repositories are wanted."""

    narrowed_by = ("q",)
    q: Filter | None = None
    """A part of `owner/name`."""
    sort: Flag = False
    """Those that were deployed last come first, instead of by name."""


class DeploymentsQuery(KeysetQuery):
    """Which deployments are wanted."""

    narrowed_by = ("env", "status")
    env: Filter | None = None
    """Only of this environment."""
    status: Status | None = None
    """Only with this status."""


class MomentQuery(Query):
    """When it is to be looked at."""

    at: Time | None = None
    """As it was known then; a time with its zone."""


class LocksQuery(KeysetQuery):
    """Which locks are wanted."""

    narrowed_by = ("env",)
    env: Filter | None = None
    """Only of this environment."""
    history: Flag = False
    """All that ever were, the newest first and in pages, instead of those in force."""


class SearchQuery(KeysetQuery):
    """Which deployments are looked for in all repositories."""

    narrowed_by = ("from", "to", "ref", "sha", "who", "statuses")
    cursor: (
        Annotated[str, Field(pattern=TIMED_CURSOR, max_length=2 * MAX_CURSOR)] | None
    ) = None
    """Where the page before ended, from its `Link` header; `page` then only counts."""
    statuses: Statuses | None = None
    """Only with one of these, separated by commas."""
    owned: Flag | None = None
    """Only your own; true unless `ref`, `sha` or `who` is given."""
    production_only: Flag = False
    """Only to production environments."""
    since: Time | None = Field(default=None, alias="from")
    """Only those of that time and later."""
    to: Time | None = None
    """Only those of that time and before."""
    ref: Filter | None = None
    """Only of this branch, tag or commit, as it was asked for."""
    sha: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{4,64}$")] | None = None
    """Only of the commit that begins like this."""
    who: Filter | None = None
    """Only those that this person asked for."""

    @property
    def wanted_statuses(self) -> Sequence[str]:
        return self.statuses.split(",") if self.statuses else ()


class PreflightQuery(RefBody, Overriding):
    """What might be deployed."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    expected_sha: FullSha | None = None
    """The commit that the ref is to mean."""
    dynamic_payload: Annotated[DynamicPayload, IsJson] | None = None
    """The values that the environment asks for, as JSON of at most 2,000 bytes.
    None: not chosen yet."""
    override: Annotated[OverrideBody, IsJson] | None = None
    """Which checks would be passed over, and why, as JSON of at most 2,000 bytes."""


class PeriodQuery(Query):
    """A period of time."""

    narrowed_by = ("from", "to")
    since: Time | None = Field(default=None, alias="from")
    """Its beginning; 30 days before its end if it is not given."""
    to: Time | None = None
    """Its end, not included; now if it is not given."""
