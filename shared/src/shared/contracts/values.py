"""The parts that several events share."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from .base import Value

#: A full commit id, lower case.
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]


class Repository(Value):
    """A repository, known by GitHub's numeric id; the name may change."""

    id: int
    #: `owner/name`, as it was when this was said.
    full_name: str


class Person(Value):
    """Somebody at GitHub: the numeric id, and the login at that time."""

    id: int
    login: str


class Ref(Value):
    """What somebody wants to be deployed, in the words they used."""

    type: Literal["branch", "tag", "commit"]
    name: str


CheckState = Literal["passed", "failed", "pending", "warning", "overridden", "skipped"]


class Check(Value):
    """One question that the verifier asked, and the answer, for people to read."""

    code: str
    state: CheckState
    message: str
    url: str | None = None


class PinnedConfig(Value):
    """The part of `deploy.yml` that a deployment was verified against.

    Read from the head of the default branch and evaluated; what follows in a
    deployment's life is ruled by this and not by what the file says later.
    """

    #: The commit of the default branch that it was read from.
    commit: str
    #: SHA-256 of the evaluated environment: approvals and refusals refer to it.
    digest: str
    environment: str
    task: str = "deploy"
    description: str = ""
    payload: JsonValue = None
    production_environment: bool = False
    serialization: bool = False


class Holder(Value):
    """The deployment that occupies an environment's only place."""

    deployment_id: str
    number: int
    since: datetime
