"""Files and directories at a commit."""

from typing import Any

import pygit2

from github_sandbox.errors import ApiError, not_found
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import commits as shapes

_MOST_BYTES = 1_000_000
_RAW = "application/vnd.github.raw"


async def show(call: Call) -> Answer:
    ref = call.query.get("ref") or call.git.default_branch
    return await call.git.run(_show, call, ref, call.where.get("path", "").strip("/"))


def _show(call: Call, ref: str, path: str) -> Answer:
    sha = call.git.find(ref)
    if sha is None:
        raise ApiError(404, f"No commit found for the ref {ref}")
    found = call.git.entry(sha, path)
    if found is None:
        raise not_found()
    if isinstance(found, pygit2.Tree):
        return Answer([_entry(call, ref, path, child) for child in found])
    if _RAW in call.headers.get("Accept", "") and isinstance(found, pygit2.Blob):
        return Answer(
            raw=found.data, headers={"Content-Type": f"{_RAW}; charset=utf-8"}
        )
    shaped = _entry(call, ref, path.rpartition("/")[0], found)
    if not isinstance(found, pygit2.Blob) or shaped["type"] != "file":
        return Answer(shaped)
    if found.size > _MOST_BYTES:
        return Answer(shaped | {"encoding": "none", "content": ""})
    return Answer(shapes.with_content(shaped, found.data))


def _entry(call: Call, ref: str, directory: str, found: Any) -> dict[str, Any]:
    return shapes.entry(
        call.links,
        ref=ref,
        path=f"{directory}/{found.name}".lstrip("/"),
        kind=_kind(found),
        sha=str(found.id),
        size=found.size if isinstance(found, pygit2.Blob) else 0,
    )


def _kind(found: Any) -> str:
    if isinstance(found, pygit2.Tree):
        return "dir"
    if not isinstance(found, pygit2.Blob):
        return "submodule"
    return "symlink" if found.filemode == pygit2.enums.FileMode.LINK else "file"
