"""Commits and what lies between two of them."""

from github_sandbox.errors import ApiError, no_commit, not_found
from github_sandbox.git import Git
from github_sandbox.paging import page_of
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import commits as shapes

_MOST_COMMITS = 250
_MOST_LISTED = 10_000
_ONLY_SHA = "application/vnd.github.sha"


async def show(call: Call) -> Answer:
    return await call.git.run(_show, call, call.where["ref"])


async def list_commits(call: Call) -> Answer:
    start = call.query.get("sha") or call.git.default_branch
    return await call.git.run(_list, call, start)


async def compare(call: Call) -> Answer:
    base, dots, head = call.where["span"].partition("...")
    if not (base and dots and head):
        raise not_found()
    return await call.git.run(_compare, call, base, head)


def find(git: Git, ref: str) -> str:
    sha = git.find(ref)
    if sha is None:
        raise no_commit(ref)
    return sha


def _show(call: Call, ref: str) -> Answer:
    sha = find(call.git, ref)
    if _ONLY_SHA in call.headers.get("Accept", ""):
        headers = {"Content-Type": f"{_ONLY_SHA}; charset=utf-8", "ETag": f'"{sha}"'}
        return Answer(raw=sha.encode(), headers=headers)
    files = call.git.changes(sha)[:300]
    return Answer(shapes.commit_with_files(call.links, call.git.commit(sha), files))


def _list(call: Call, start: str) -> Answer:
    sha = call.git.find(start)
    if sha is None:
        raise not_found()
    page, links = page_of(call, call.git.log(sha, most=_MOST_LISTED))
    return Answer([shapes.commit(call.links, one) for one in page], headers=links)


def _compare(call: Call, base: str, head: str) -> Answer:
    git = call.git
    base_sha, head_sha = git.find(base), git.find(head)
    if base_sha is None or head_sha is None:
        raise not_found()
    compared = git.compare(base_sha, head_sha)
    if compared.merge_base is None:
        raise ApiError(404, f"No common ancestor between {base} and {head}.")
    commits = git.log(head_sha, without=base_sha, most=_MOST_COMMITS)[::-1]
    page, links = page_of(call, commits)
    shaped = shapes.comparison(
        call.links,
        compared,
        ends=(git.commit(base_sha), git.commit(compared.merge_base)),
        commits=page,
        files=git.changes(head_sha, compared.merge_base)[:300],
    )
    return Answer(shaped, headers=links)
