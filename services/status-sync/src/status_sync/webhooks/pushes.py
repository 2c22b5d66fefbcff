"""A push, as the webhook tells it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.contracts import RefPushed, Repository
from shared.github.webhook_models import PushWebhook
from shared.github.webhooks import MalformedWebhook

from . import fields

#: Others, like `refs/notes/…`, mean nothing that could be deployed.
KINDS: Final = ("refs/heads/", "refs/tags/")
#: Longer than any that GitHub takes.
LONGEST_REF: Final = 1_024


@dataclass(frozen=True)
class PushShown:
    """What was pushed."""

    pushed: RefPushed
    #: GitHub has told when, which its schema does not promise.
    timed: bool

    @property
    def repository(self) -> Repository:
        return self.pushed.repository


def read_push(pushed: PushWebhook, received_at: datetime) -> PushShown | None:
    """What was pushed; None if it is neither a branch nor a tag."""
    if not pushed.ref.startswith(KINDS):
        return None
    told_at = pushed.repository.pushed_at
    told = RefPushed(
        delivery_id=pushed.delivery,
        repository=fields.repository(pushed.repository),
        ref=_ref(pushed.ref),
        before=_commit(pushed.before, "before"),
        after=_commit(pushed.commit or "0" * 40, "after"),
        pusher=fields.person(pushed.sender, "sender") or fields.GHOST,
        pushed_at=told_at or received_at,
    )
    return PushShown(told, timed=told_at is not None)


def _ref(ref: str) -> str:
    if ref != fields.line(ref, LONGEST_REF):
        raise MalformedWebhook("ref: git knows no ref of such a name")
    return ref


def _commit(sha: str, where: str) -> str | None:
    """GitHub writes zeros for what is not there."""
    found = fields.sha(sha, where)
    return found if found.strip("0") else None
