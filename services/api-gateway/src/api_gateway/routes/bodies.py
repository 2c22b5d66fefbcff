"""The bodies that the API takes."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api_gateway.domain.approvals import Shown
from api_gateway.domain.requests import Wanted
from shared.contracts import Override, Ref

from .texts import (
    COMMIT,
    CheckCode,
    ConfigPath,
    DynamicPayload,
    Environment,
    FullSha,
    Line,
    Prose,
    Reason,
    RefName,
)

RefType = Literal["branch", "tag", "commit"]
#: The same as `RefBody` and `RepositoryBody` check, for the description.
COMMIT_IS_HEXADECIMAL: dict[str, Any] = {
    "if": {"properties": {"type": {"const": "commit"}}},
    "then": {"properties": {"ref": {"pattern": f"^{COMMIT.pattern}$"}}},
}
SOMETHING: dict[str, Any] = {
    "anyOf": [
        {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
        for name in ("active", "config_path", "name")
    ]
}


class Body(BaseModel):
    """What a request says."""

    model_config = ConfigDict(strict=True, frozen=True, use_attribute_docstrings=True)


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

    expected_sha: FullSha | None = None
    """The commit that somebody was shown: no other is to go out."""


class ConfigQuery(Body):
    """Where the rules are to be read."""

    ref: RefName | None = None
    """A branch, a tag or a commit; else the default branch."""


class RefBody(Body):
    """What to deploy."""

    model_config = ConfigDict(json_schema_extra=COMMIT_IS_HEXADECIMAL)

    type: RefType
    """What the ref is."""
    ref: RefName
    """A branch or tag of at most 255 bytes, or 4 to 64 digits of a commit id."""

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
    """The environment, as `deploy.yml` calls it."""
    dynamic_payload: DynamicPayload | None = None
    """The values that it asks for: at most 32 KiB, 10 levels, and no zero bytes."""
    wait_for_checks: bool = False
    """Wait for checks of the commit that have not finished, not to be refused."""

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

    take_over: bool = False
    """End what runs there instead of waiting for it."""


class PromoteBody(Asking):
    """Whose live commit to deploy."""

    from_: Annotated[Environment, Field(alias="from")]
    """The environment where it is live."""


class Pair(Body):
    """The commit and the configuration that somebody was shown."""

    sha: FullSha | None = None
    config_digest: Annotated[Line, Field(max_length=64)] | None = None

    @property
    def shown(self) -> Shown:
        return Shown(sha=self.sha, config_digest=self.config_digest)


class ReviewBody(Pair):
    """A reviewer's answer."""

    status: Literal["pending", "approved", "rejected"]
    comment: Prose | None = None


class ConfirmBody(Pair, Overriding):
    """Send it."""

    status: Literal["created"] = "created"
    """Gitploy's clients say so; there is nothing else that it could become."""


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
    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        json_schema_extra=SOMETHING,
        use_attribute_docstrings=True,
    )

    active: bool | None = None
    config_path: ConfigPath | None = None
    """Where the rules are, from the repository's root."""
    name: Annotated[Line, Field(max_length=255)] | None = None
    """What it is called, as Gitploy's page sends it along: GitHub alone renames."""

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.active is None and self.config_path is None and self.name is None:
            raise ValueError("it must have active, config_path or both")
        return self
