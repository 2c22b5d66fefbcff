"""The questions, answers and hints. Nothing here is ever stored."""

from typing import Literal

from pydantic import JsonValue

from .base import Answer, Hint, Question
from .values import Check, Override, Person, Ref, Repository, Sha


class PreflightAnswered(Answer):
    """What would become of such a request now. It promises nothing."""

    checks: tuple[Check, ...]
    #: None where the ref was not found, or could not be asked for.
    sha: Sha | None = None
    #: What the request would lead to; None: nobody can tell now.
    would: Literal["deploy", "wait_for_checks", "queue", "review", "refuse"] | None
    #: Its place in the queue, where it would wait in line.
    position: int | None = None
    #: The same for a person to read; or why nobody can tell.
    message: str = ""


class PreflightAsked(Question[PreflightAnswered]):
    """What would become of it if this person deployed this ref here now?"""

    repository: Repository
    environment: str
    ref: Ref
    who: Person
    #: The commit that the ref is to mean.
    expected_sha: Sha | None = None
    #: The values for `dynamic_payload`; none: they are not chosen yet.
    dynamic_payload: dict[str, JsonValue] | None = None
    override: Override | None = None

    @property
    def subject(self) -> str:
        return str(self.repository.id)


class CommitChecksChanged(Hint):
    """Something was reported about this commit: who waits for its checks may look."""

    repository: Repository
    sha: Sha

    @property
    def subject(self) -> str:
        return f"{self.repository.id}@{self.sha}"


class RepositoryNameTaken(Hint):
    """The name of this repository means another one by now: what became of it?"""

    repository: Repository

    @property
    def subject(self) -> str:
        return str(self.repository.id)
