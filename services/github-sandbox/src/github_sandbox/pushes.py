"""Notices that branches and tags moved, whoever moved them, and tells it as pushes.

The repository is a real one that people commit to behind the sandbox's back, so it
looks at the refs twice a second. Where each stood when it was last told is kept, so
pushes made while the sandbox was down are told at its next start. Of what it finds at
its very first start nobody is told, because there is no hook yet.
"""

import asyncio
from typing import Any

from github_sandbox import webhooks
from github_sandbox.clock import now, seconds
from github_sandbox.git import Commit, Git
from github_sandbox.records import SeenRef
from github_sandbox.sandbox import Call, Sandbox
from github_sandbox.shapes import reports
from github_sandbox.shapes.links import Links

NOTHING = "0" * 40
_MOST_COMMITS = 50


async def watch(sandbox: Sandbox) -> None:
    while True:
        await look(sandbox)
        await asyncio.sleep(sandbox.settings.watch_every_s)


async def look(sandbox: Sandbox) -> None:
    """Tell what has moved since the last look."""
    store = sandbox.store
    refs = await sandbox.git.run(sandbox.git.refs)
    seen = {ref.name: ref for ref in store.refs}
    call = Call(sandbox=sandbox, user=sandbox.owner, links=sandbox.links())
    for name in sorted(refs.keys() | seen.keys()):
        before = seen[name].sha if name in seen else NOTHING
        after = refs.get(name, NOTHING)
        if before == after:
            continue
        sandbox.pushed_at = now()
        if len(store.hooks):
            told = await sandbox.git.run(
                push, call.links, sandbox.git, name, before, after
            )
            _announce(call, name, before, after, told)
        _remember(sandbox, seen.get(name), name, after)
    await store.settled()
    sandbox.courier.send(call.caused)


def push(links: Links, git: Git, ref: str, before: str, after: str) -> dict[str, Any]:
    """The payload, as far as git knows it."""
    new = git.peel(after) if after != NOTHING else None
    old = git.peel(before) if before != NOTHING else None
    known = old or _known_tip(git, ref)
    log = git.log(new, without=known, most=_MOST_COMMITS)[::-1] if new else []
    forced = bool(old and new and git.compare(old, new).behind_by)
    span = f"{before[:12]}...{after[:12]}"
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == NOTHING,
        "deleted": after == NOTHING,
        "forced": forced,
        "base_ref": None,
        "compare": links.html(f"/compare/{span}"),
        "commits": [_commit(links, git, one) for one in log],
        "head_commit": _commit(links, git, git.commit(new)) if new else None,
    }


def _known_tip(git: Git, ref: str) -> str | None:
    """A new ref brings what the default branch doesn't have."""
    default = f"refs/heads/{git.default_branch}"
    found = git.named(default)
    return found.commit if found and ref != default else None


def _commit(links: Links, git: Git, record: Commit) -> dict[str, Any]:
    changes = git.changes(record.sha)
    paths = {
        word: [change.path for change in changes if change.status in kinds]
        for word, kinds in (
            ("added", ("added", "renamed", "copied")),
            ("removed", ("removed",)),
            ("modified", ("modified",)),
        )
    }
    return (
        reports.head_commit(record)
        | paths
        | {
            "distinct": True,
            "url": links.html(f"/commit/{record.sha}"),
        }
    )


def _announce(
    call: Call, name: str, before: str, after: str, told: dict[str, Any]
) -> None:
    facts = call.sandbox.facts
    pushed = {
        "created_at": seconds(facts.created_at),
        "pushed_at": seconds(facts.pushed_at),
        "stargazers": 0,
        "master_branch": facts.default_branch,
    }
    pusher = {"name": call.user, "email": f"{call.user}@users.noreply.github.sandbox"}
    webhooks.announce(
        call, "push", lambda: told | {"pusher": pusher, "repository": pushed}
    )
    kind = "tag" if name.startswith("refs/tags/") else "branch"
    which = {"ref": name.split("/", 2)[2], "ref_type": kind, "pusher_type": "user"}
    if before == NOTHING:
        more = {"master_branch": facts.default_branch, "description": None}
        webhooks.announce(call, "create", lambda: which | more)
    if after == NOTHING:
        webhooks.announce(call, "delete", lambda: which)


def _remember(sandbox: Sandbox, seen: SeenRef | None, name: str, sha: str) -> None:
    refs = sandbox.store.refs
    if seen and sha == NOTHING:
        refs.delete(seen)
    else:
        number = seen.id if seen else sandbox.store.next_id()
        refs.put(SeenRef(id=number, name=name, sha=sha))
