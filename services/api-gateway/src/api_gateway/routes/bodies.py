"""The bodies that the API takes."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.contracts import Ref

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
#: What git does not allow in the name of a ref (git-check-ref-format).
FORBIDDEN = re.compile(r"[ ~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)|^[/.-]|[/.]$|^@$")


def _line(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("it contains a control character")
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _ref(text: str) -> str:
    if len(text.encode()) > 255:
        raise ValueError("it is longer than 255 bytes")
    if FORBIDDEN.search(text):
        raise ValueError(f"git does not allow the name {text!r}")
    return text


def _prose(text: str) -> str:
    if CONTROL.search(text.replace("\n", " ").replace("\t", " ")):
        raise ValueError("it contains a control character")
    return text.strip()


Line = Annotated[str, AfterValidator(_line)]


class DeployBody(BaseModel):
    """What to deploy where."""

    model_config = ConfigDict(strict=True, frozen=True)

    type: Literal["branch", "tag", "commit"]
    ref: Annotated[Line, AfterValidator(_ref)]
    env: Annotated[Line, Field(max_length=255)]
    dynamic_payload: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _commit_is_hexadecimal(self) -> Self:
        if self.type == "commit" and not COMMIT.fullmatch(self.ref):
            raise ValueError(f"ref: {self.ref!r} is no commit id (4 to 64 hex digits)")
        return self

    @property
    def wanted(self) -> Ref:
        return Ref(type=self.type, name=self.ref)


class CancelBody(BaseModel):
    """Why it is to end."""

    model_config = ConfigDict(strict=True, frozen=True)

    reason: Annotated[str, Field(max_length=1000), AfterValidator(_prose)] = ""


class RepositoryBody(BaseModel):
    """What is to change about a repository."""

    # A member that we don't know would have to change something, and could not.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    active: bool
