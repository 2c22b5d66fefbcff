"""What GitHub itself asks of a ref before it makes a deployment of it.

Both gates are on unless a client turns them off. As GitHub does it today, check runs
count among the contexts, and only `success` passes.
"""

from typing import Any

from github_sandbox.errors import ApiError
from github_sandbox.git import MergeConflict, Named
from github_sandbox.reports import contexts_of
from github_sandbox.sandbox import Call


async def merge_default_branch(call: Call, ref: str, found: Named) -> str | None:
    """Merge it into a branch that is behind; says so, or None if nothing was due."""
    return await call.git.run(_merge, call, ref, found)


def _merge(call: Call, ref: str, found: Named) -> str | None:
    git = call.git
    base = git.default_branch
    tip = git.named(f"refs/heads/{base}")
    if tip is None or git.compare(tip.commit, found.commit).behind_by == 0:
        return None
    conflict = ApiError(409, f"Conflict merging {base} into {ref}.")
    # A tag or a bare commit is no branch that could be moved: a conflict, too.
    branch = (found.ref or "").removeprefix("refs/heads/")
    try:
        message = f"Merge {base} into {branch}"
        git.merge(branch, tip.commit, who=call.user, message=message)
    except MergeConflict as error:
        raise conflict from error
    return f"Auto-merged {base} into {branch} on deployment."


def check_contexts(call: Call, ref: str, sha: str, required: list[Any] | None) -> None:
    """Raise unless all contexts, or the required ones, succeeded."""
    if required == []:
        return
    reported = contexts_of(call.store, sha)
    if required is None:
        counted = reported
    else:
        counted = [one for one in reported if one["context"] in required]
        present = {one["context"] for one in counted}
        absent = [name for name in required if name not in present]
        counted += [{"context": name, "state": "pending"} for name in absent]
    if all(one["state"] == "success" for one in counted):
        return
    error = {
        "contexts": counted,
        "resource": "Deployment",
        "field": "required_contexts",
        "code": "invalid",
    }
    message = f"Conflict: Commit status checks failed for {ref}."
    raise ApiError(409, message, errors=[error])
