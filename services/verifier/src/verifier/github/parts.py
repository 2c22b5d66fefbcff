"""What all of GitHub's GraphQL answers are made of."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic.alias_generators import to_camel

T = TypeVar("T")

#: One of GitHub's words; they come in capitals.
Word = Annotated[str, BeforeValidator(lambda word: str(word or "").lower())]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)


class PageInfo(Part):
    has_next_page: bool
    end_cursor: str | None = None


class Page(Part, Generic[T]):
    page_info: PageInfo
    #: A node that is withheld is null.
    nodes: tuple[T | None, ...] = ()
