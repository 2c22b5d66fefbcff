"""The fields of `deploy.yml`: the one model of what may be said.

The JSON Schema is made of it, descriptions included; docs/deploy-yml.md explains each
field at length. An environment is stored with the deployments that were judged by it,
so what was written is read back as it was: a member that is unknown then is ignored.
"""

import hashlib
import json
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .values import (
    Cron,
    Default,
    Few,
    Lasting,
    Name,
    Pattern,
    Payload,
    People,
    Queue,
    Text,
    Zone,
)


class Part(BaseModel):
    """A mapping of the file. A field without a value counts as not given."""

    model_config = ConfigDict(frozen=True, strict=True, use_attribute_docstrings=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty_fields(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        known = cls.model_fields
        return {k: v for k, v in given.items() if v is not None or k not in known}


class Input(Part):
    """One thing that is asked of whoever deploys."""

    type: Literal["select", "number", "string", "boolean"]
    """What kind of value is asked for."""
    required: bool = False
    """Whether a deployment without it, and without a default, is refused."""
    default: Default = None
    """What is taken if nothing is given."""
    description: str = ""
    """Shown to whoever deploys."""
    options: Annotated[list[Text], Field(max_length=100)] = []
    """What a `select` offers."""


class DynamicPayload(Part):
    """A payload that is asked of whoever deploys, instead of `payload`."""

    enabled: bool = False
    """Whether it is asked for."""
    inputs: Annotated[dict[Name, Input], Field(max_length=100)] = {}
    """What is asked for, by name."""


class Review(Part):
    """Whose approval a deployment needs."""

    enabled: bool = False
    """Whether an approval is needed."""
    reviewers: People = []
    """Who is asked: logins and teams (`@org/team`)."""
    required: Annotated[int, Field(ge=1, le=100)] = 1
    """How many of them have to approve."""
    on_approval: Literal["wait", "deploy"] = "wait"
    """Whether an approved deployment waits for somebody to send it."""
    timeout: Annotated[timedelta, Lasting("1s", "90d")] = timedelta(days=7)
    """How long a review is waited for."""
    on_rollback: Literal["skip", "require"] = "skip"
    """Whether a commit that was approved here before needs it again."""
    emergency: bool = False
    """Whether an overrider may deploy without it."""


class FrozenWindow(Part):
    """A time in which nothing is deployed."""

    start: Cron
    """When it begins: a cron line (minute hour day month weekday)."""
    duration: Annotated[timedelta, Lasting("1m", "366d")]
    """How long it lasts."""
    location: Zone = "UTC"
    """Whose clocks `start` means: a time zone like Europe/Berlin."""


class Common(Part):
    """What an environment may say, and what all inherit of `defaults`."""

    task: Text = "deploy"
    """Passed on to GitHub and the tooling."""
    description: str = ""
    """Passed on to GitHub and the tooling."""
    auto_merge: bool = False
    """The ref must not be behind the default branch. Nothing is ever merged."""
    required_contexts: Annotated[list[Text], Few(1_000)] | None = None
    """The statuses and checks that must have passed; if not given, all of them."""
    ignore_contexts: Annotated[list[Pattern], Few(100)] = []
    """Statuses and checks that don't count."""
    payload: Payload = None
    """Passed on to the tooling."""
    dynamic_payload: DynamicPayload | None = None
    """Asked of whoever deploys, and passed on instead of `payload`."""
    production_environment: bool = False
    """Passed on to GitHub, and whether this counts in the statistics."""
    deployable_ref: Pattern | None = None
    """Which branches, tags and commits may be deployed, by name."""
    auto_deploy_on: Pattern | None = None
    """Which pushes are deployed at once, by whole ref: `refs/heads/main`."""
    serialization: bool = False
    """One deployment at a time."""
    queue: Queue = False
    """Whether deployments wait in line; `latest` keeps only the newest waiting."""
    checks_timeout: Annotated[timedelta, Lasting("1s", "7d")] = timedelta(minutes=30)
    """How long pending checks of the commit are waited for."""
    needs: Annotated[list[Name], Few(100)] = []
    """Environments where this very commit must have succeeded before."""
    soak: Annotated[timedelta, Lasting("0s", "90d")] = timedelta(0)
    """How long ago it must have succeeded there."""
    review: Review = Review()
    """Whose approval is needed."""
    frozen_windows: Annotated[list[FrozenWindow], Field(max_length=100)] = []
    """When nothing is deployed."""
    deployers: People = []
    """Who may deploy: logins and teams; if empty, everybody with write access."""
    overriders: People = []
    """Who may deploy past a check; if empty, admins of the repository."""
    timeout: Annotated[timedelta, Lasting("1s", "7d")] = timedelta(hours=1)
    """How long a deployment may go on without news."""
    ref_at_github: Literal["commit", "name"] = "commit"
    """Whether GitHub is given the verified commit, or the weaker name of the ref."""
    foreign: Literal["warn", "hold"] = "warn"
    """What a running deployment that somebody else made at GitHub does."""


class Env(Common):
    """One environment and its rules."""

    name: Name
    """The environment, as people ask for it."""

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of all fields, given or not."""
        rules = self.model_dump(mode="json")
        canonical = json.dumps(rules, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class File(Part):
    """The rules for deploying a repository."""

    defaults: Common = Common()
    """What every environment inherits, unless it says otherwise itself."""
    envs: list[Env]
    """The environments."""
