"""Commits, refs, tags, comparisons and files, from git's own facts."""

import base64
from typing import Any
from urllib.parse import quote

from github_sandbox.git import NOREPLY, Commit, Comparison, FileChange, Person
from github_sandbox.shapes.links import Links, node_id
from github_sandbox.shapes.users import user

_UNSIGNED = {
    "verified": False,
    "reason": "unsigned",
    "signature": None,
    "payload": None,
    "verified_at": None,
}


def commit(links: Links, record: Commit) -> dict[str, Any]:
    here = links.api(f"/commits/{record.sha}")
    git_url = links.api(f"/git/commits/{record.sha}")
    return {
        "url": here,
        "sha": record.sha,
        "node_id": node_id("C", record.sha),
        "html_url": links.html(f"/commit/{record.sha}"),
        "comments_url": f"{here}/comments",
        "commit": {
            "url": git_url,
            "author": _person(record.author),
            "committer": _person(record.committer),
            "message": record.message.rstrip("\n"),
            "tree": {
                "sha": record.tree,
                "url": links.api(f"/git/trees/{record.tree}"),
            },
            "comment_count": 0,
            "verification": _UNSIGNED,
        },
        "author": _account(links, record.author),
        "committer": _account(links, record.committer),
        "parents": [
            {
                "sha": parent,
                "url": links.api(f"/commits/{parent}"),
                "html_url": links.html(f"/commit/{parent}"),
            }
            for parent in record.parents
        ],
    }


def commit_with_files(
    links: Links, record: Commit, files: list[FileChange]
) -> dict[str, Any]:
    additions = sum(change.additions for change in files)
    deletions = sum(change.deletions for change in files)
    stats = {
        "additions": additions,
        "deletions": deletions,
        "total": additions + deletions,
    }
    shaped = [_file(links, record.sha, change) for change in files]
    return commit(links, record) | {"stats": stats, "files": shaped}


def comparison(
    links: Links,
    record: Comparison,
    *,
    ends: tuple[Commit, Commit],
    commits: list[Commit],
    files: list[FileChange],
) -> dict[str, Any]:
    base, merge_base = ends
    span = f"/compare/{record.base}...{record.head}"
    return {
        "url": links.api(span),
        "html_url": links.html(span),
        "permalink_url": links.html(span),
        "diff_url": links.html(f"{span}.diff"),
        "patch_url": links.html(f"{span}.patch"),
        "base_commit": commit(links, base),
        "merge_base_commit": commit(links, merge_base),
        "status": record.status,
        "ahead_by": record.ahead_by,
        "behind_by": record.behind_by,
        "total_commits": record.ahead_by,
        "commits": [commit(links, one) for one in commits],
        "files": [_file(links, record.head, change) for change in files],
    }


def git_ref(links: Links, ref: str, kind: str, sha: str) -> dict[str, Any]:
    return {
        "ref": ref,
        "node_id": node_id("REF", ref),
        "url": links.api(f"/git/{ref}"),
        "object": _object(links, kind, sha),
    }


def git_tag(
    links: Links,
    *,
    sha: str,
    name: str,
    message: str,
    tagger: Person,
    target: tuple[str, str],
) -> dict[str, Any]:
    return {
        "node_id": node_id("TAG", sha),
        "tag": name,
        "sha": sha,
        "url": links.api(f"/git/tags/{sha}"),
        "message": message.rstrip("\n"),
        "tagger": _person(tagger),
        "object": _object(links, *target),
        "verification": _UNSIGNED,
    }


def short_branch(links: Links, name: str, sha: str) -> dict[str, Any]:
    return {
        "name": name,
        "commit": {"sha": sha, "url": links.api(f"/commits/{sha}")},
        "protected": False,
    }


def branch(links: Links, name: str, tip: Commit) -> dict[str, Any]:
    here = links.api(f"/branches/{quote(name)}")
    off = {"enforcement_level": "off", "contexts": [], "checks": []}
    return {
        "name": name,
        "commit": commit(links, tip),
        "_links": {"self": here, "html": links.html(f"/tree/{quote(name)}")},
        "protected": False,
        "protection": {"enabled": False, "required_status_checks": off},
        "protection_url": f"{here}/protection",
    }


def tag(links: Links, name: str, sha: str) -> dict[str, Any]:
    return {
        "name": name,
        "zipball_url": links.api(f"/zipball/refs/tags/{quote(name)}"),
        "tarball_url": links.api(f"/tarball/refs/tags/{quote(name)}"),
        "commit": {"sha": sha, "url": links.api(f"/commits/{sha}")},
        "node_id": node_id("REF", f"refs/tags/{name}"),
    }


def entry(
    links: Links, *, ref: str, path: str, kind: str, sha: str, size: int
) -> dict[str, Any]:
    """One line of a directory's contents."""
    here = links.api(f"/contents/{quote(path)}?ref={quote(ref, safe='')}")
    git_kind = "trees" if kind == "dir" else "blobs"
    git_url = links.api(f"/git/{git_kind}/{sha}")
    html = links.html(f"/{'tree' if kind == 'dir' else 'blob'}/{ref}/{quote(path)}")
    raw = links.html(f"/raw/{ref}/{quote(path)}")
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": size,
        "url": here,
        "git_url": git_url,
        "html_url": html,
        "download_url": raw if kind == "file" else None,
        "_links": {"self": here, "git": git_url, "html": html},
    }


def with_content(shaped: dict[str, Any], data: bytes) -> dict[str, Any]:
    return shaped | {
        "encoding": "base64",
        "content": base64.encodebytes(data).decode(),
    }


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "date": person.at}


def _account(links: Links, person: Person) -> dict[str, Any] | None:
    """Whose address it is: GitHub knows no account of most."""
    login, address, _ = person.email.partition(NOREPLY)
    return user(links, login) if login and address else None


def _object(links: Links, kind: str, sha: str) -> dict[str, Any]:
    return {"type": kind, "sha": sha, "url": links.api(f"/git/{kind}s/{sha}")}


def _file(links: Links, sha: str, change: FileChange) -> dict[str, Any]:
    path = quote(change.path)
    shaped = {
        "sha": change.blob,
        "filename": change.path,
        "status": change.status,
        "additions": change.additions,
        "deletions": change.deletions,
        "changes": change.additions + change.deletions,
        "blob_url": links.html(f"/blob/{sha}/{path}"),
        "raw_url": links.html(f"/raw/{sha}/{path}"),
        "contents_url": links.api(f"/contents/{path}?ref={sha}"),
    }
    if change.status == "renamed":
        shaped["previous_filename"] = change.old_path
    return shaped
