"""The bodies that the API takes."""

import re
from collections.abc import Collection
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    model_validator,
)

from api_gateway.domain.approvals import Shown
from api_gateway.domain.requests import Wanted
from shared.contracts import Override, Ref

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
FULL_SHA = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
#: The checks that somebody may be allowed to pass over; the verifier decides who.
OVERRIDABLE = frozenset(
    {"up_to_date", "commit_checks", "needs", "frozen", "locked", "running", "review"}
)
MAX_PAYLOAD_BYTES = 32 * 1024
MAX_PAYLOAD_DEPTH = 10
MAX_CONFIG_PATH = 255
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


def _reason(text: str) -> str:
    if not (text := _prose(text)):
        raise ValueError("it is empty: say why")
    return text


def _shown(**words: Any) -> Any:
    """What is published about what a function checks."""
    return Field(json_schema_extra=words)


Line = Annotated[
    str, AfterValidator(_line), _shown(minLength=1, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Environment = Annotated[Line, Field(max_length=255)]
RefName = Annotated[Line, AfterValidator(_ref)]
Prose = Annotated[str, Field(max_length=1000), AfterValidator(_prose)]
Reason = Annotated[str, Field(max_length=1000), AfterValidator(_reason)]


def _path(text: str) -> str:
    if any(part in ("", ".", "..") for part in text.split("/")):
        raise ValueError("it must be a file's path from the repository's root")
    return text


ConfigPath = Annotated[Line, Field(max_length=MAX_CONFIG_PATH), AfterValidator(_path)]


def _sha(text: str) -> str:
    if not FULL_SHA.fullmatch(text):
        raise ValueError("it must be a whole commit id, 40 or 64 hexadecimal digits")
    return text.lower()


FullSha = Annotated[str, AfterValidator(_sha), _shown(pattern=f"^{FULL_SHA.pattern}$")]


def _check(code: str) -> str:
    if code not in OVERRIDABLE:
        known = ", ".join(sorted(OVERRIDABLE))
        raise ValueError(f"nobody may override {code!r}, only {known}")
    return code


CheckCode = Annotated[str, AfterValidator(_check), _shown(enum=sorted(OVERRIDABLE))]


def _value(value: JsonValue) -> JsonValue:
    _check_depth(value, MAX_PAYLOAD_DEPTH)
    if len(orjson.dumps(value)) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"it is larger than {MAX_PAYLOAD_BYTES} bytes")
    return value


def _check_depth(value: JsonValue, left: int) -> None:
    if left < 0:
        raise ValueError(f"it is nested more than {MAX_PAYLOAD_DEPTH} deep")
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and any("\0" in key for key in value):
        raise ValueError("a key contains a zero byte")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a text contains a zero byte")
    if isinstance(parts, Collection) and not isinstance(parts, str):
        for part in parts:
            _check_depth(part, left - 1)


DynamicPayload = Annotated[dict[str, JsonValue], AfterValidator(_value)]


class Body(BaseModel):
    """What a request says."""

    model_config = ConfigDict(strict=True, frozen=True)


class OverrideBody(Body):
    """Which checks somebody wants to pass over, and why."""

    checks: Annotated[list[CheckCode], Field(min_length=1)]
    reason: Reason

    @property
    def told(self) -> Override:
        """The same as events have it; the order of the checks says nothing."""
        return Override(checks=tuple(sorted(set(self.checks))), reason=self.reason)


class Overriding(Body):
    """A request that may pass over checks."""

    override: OverrideBody | None = None

    @property
    def overridden(self) -> Override | None:
        return self.override.told if self.override else None


class Asking(Overriding):
    """A request for a deployment."""

    #: The commit that somebody was shown: no other is to go out.
    expected_sha: FullSha | None = None


class ConfigQuery(Body):
    """Where the rules are to be read."""

    ref: RefName | None = None


class RefBody(Body):
    """What to deploy."""

    type: Literal["branch", "tag", "commit"]
    ref: RefName

    @model_validator(mode="after")
    def _commit_is_hexadecimal(self) -> Self:
        if self.type == "commit" and not COMMIT.fullmatch(self.ref):
            raise ValueError(f"ref: {self.ref!r} is no commit id (4 to 64 hex digits)")
        return self

    @property
    def named(self) -> Ref:
        return Ref(type=self.type, name=self.ref)


class DeployBody(RefBody, Asking):
    """What to deploy where."""

    env: Environment
    dynamic_payload: DynamicPayload | None = None
    wait_for_checks: bool = False

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            environment=self.env,
            ref=self.named,
            expected_sha=self.expected_sha,
            dynamic_payload=self.dynamic_payload,
            override=self.overridden,
            wait_for_checks=self.wait_for_checks,
        )


class RetryBody(Asking):
    """How to deploy the same once more."""

    wait_for_checks: bool = False


class RollbackBody(Asking):
    """How to go back."""

    #: End what runs there instead of waiting for it.
    take_over: bool = False


class PromoteBody(Asking):
    """Whose live commit to deploy."""

    #: The environment where it is live.
    from_: Annotated[Environment, Field(alias="from")]


class Pair(Body):
    """The commit and the configuration that somebody was shown."""

    sha: FullSha | None = None
    config_digest: Annotated[str, Field(max_length=64)] | None = None

    @property
    def shown(self) -> Shown:
        return Shown(sha=self.sha, config_digest=self.config_digest)


class ReviewBody(Pair):
    """A reviewer's answer."""

    status: Literal["pending", "approved", "rejected"]
    comment: Prose = ""


class ConfirmBody(Pair, Overriding):
    """Send it."""

    #: Gitploy's clients say so; there is nothing else that it could become.
    status: Literal["created"] = "created"


class ReleaseBody(Body):
    """Why its place is to be given to others."""

    reason: Reason


class SyncBody(Body):
    """Why GitHub is to be asked."""

    reason: Prose = ""


class CancelBody(Body):
    """Why it is to end."""

    reason: Prose = ""


class RepositoryBody(BaseModel):
    """What is to change about a repository."""

    # A member that we don't know would have to change something, and could not.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    active: bool | None = None
    #: Where the rules are, from the repository's root.
    config_path: ConfigPath | None = None
    #: What it is called, as Gitploy's page sends it along: GitHub alone renames.
    name: Annotated[Line, Field(max_length=255)] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.active is None and self.config_path is None and self.name is None:
            raise ValueError("it must have active, config_path or both")
        return self
