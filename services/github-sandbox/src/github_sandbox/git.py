"""What git itself knows, asked of the real repository through libgit2.

libgit2 blocks and a repository handle belongs to one thread, so everything here runs
on one thread of its own: `await git.run(git.commit, "main")`. Names are looked up as
`git rev-parse` does: a full id first, then a tag before a branch of the same name.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import pygit2
from pygit2.enums import MergeFavor, SortMode

P = ParamSpec("P")
T = TypeVar("T")

_FULL_ID = re.compile(r"[0-9a-f]{40}")
_HEADS = "refs/heads/"
#: Behind a login it makes an address that is an account's for sure.
NOREPLY = "@users.noreply.github.sandbox"
_KNOWN_REFS = (_HEADS, "refs/tags/")


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    at: str


@dataclass(frozen=True)
class Commit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    message: str
    author: Person
    committer: Person


@dataclass(frozen=True)
class Named:
    """A commit and the full name of the ref that led to it, if one did."""

    commit: str
    ref: str | None


@dataclass(frozen=True)
class Comparison:
    base: str
    head: str
    merge_base: str | None
    ahead_by: int
    behind_by: int

    @property
    def status(self) -> str:
        if self.ahead_by and self.behind_by:
            return "diverged"
        if self.ahead_by:
            return "ahead"
        return "behind" if self.behind_by else "identical"


@dataclass(frozen=True)
class FileChange:
    path: str
    old_path: str
    status: str
    blob: str
    additions: int
    deletions: int


class MergeConflict(Exception):
    """The default branch can't be merged into this ref."""


class Git:
    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1, "sandbox-git")
        self._path = path
        self.repo = pygit2.Repository(str(path))
        self.default_branch = self._find_default_branch()

    async def run(self, ask: Callable[P, T], *args: P.args, **kw: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, lambda: ask(*args, **kw))

    def close(self) -> None:
        self._thread.shutdown()

    def refs(self) -> dict[str, str]:
        """Where every branch and tag stands; an annotated tag at its tag object."""
        self.default_branch = self._find_default_branch()
        names = [n for n in self.repo.references if n.startswith(_KNOWN_REFS)]
        found = {name: self._target(name) for name in names}
        return {name: sha for name, sha in found.items() if sha}

    def named(self, name: str) -> Named | None:
        """The commit that a branch, a tag or a full id means."""
        if _FULL_ID.fullmatch(name):
            commit = self.peel(name)
            return Named(commit, None) if commit else None
        for full in _candidates(name):
            commit = self.peel(self._target(full) or "")
            if commit:
                return Named(commit, full)
        return None

    def find(self, name: str) -> str | None:
        """The commit that a name or a shortened id means."""
        found = self.named(name)
        if found or not re.fullmatch(r"[0-9a-f]{4,39}", name):
            return found.commit if found else None
        return self.peel(self.parse(name) or "")

    def parse(self, expression: str) -> str | None:
        """The object that an expression of `git rev-parse` means."""
        try:
            return str(self.repo.revparse_single(expression).id)
        except (KeyError, ValueError):
            return None

    def peel(self, sha: str) -> str | None:
        """The commit that an id leads to, through any number of tag objects."""
        if not sha or sha not in self.repo:
            return None
        try:
            return str(self.repo[sha].peel(pygit2.Commit).id)
        except pygit2.InvalidSpecError:
            return None

    def target(self, ref: str) -> Any | None:
        """The object that a full ref name points at, tag objects included."""
        sha = self._target(ref)
        return self.repo[sha] if sha else None

    def object(self, sha: str) -> Any | None:
        """The object with this id, or whose id starts so."""
        try:
            return self.repo.get(sha)
        except ValueError:
            return None

    def branches_with(self, sha: str) -> list[tuple[str, str]]:
        """At most ten branches that contain a commit, and where they stand."""
        tips = [
            (name.removeprefix(_HEADS), tip)
            for name, tip in self.refs().items()
            if name.startswith(_HEADS)
        ]
        holds = (
            (name, tip)
            for name, tip in tips
            if tip == sha or self.repo.descendant_of(tip, sha)
        )
        return list(islice(holds, 10))

    def commit(self, sha: str) -> Commit:
        return _commit(self.repo[sha])

    def date(self, ref: str) -> str:
        """When what a ref leads to was committed; empty if it is no commit."""
        sha = self.peel(self._target(ref) or "")
        return self.commit(sha).committer.at if sha else ""

    def compare(self, base: str, head: str) -> Comparison:
        ahead, behind = self.repo.ahead_behind(head, base)
        merge_base = self.repo.merge_base(base, head)
        return Comparison(
            base, head, str(merge_base) if merge_base else None, ahead, behind
        )

    def log(self, tip: str, *, without: str | None = None, most: int) -> list[Commit]:
        """Newest first: what `tip` has and `without` hasn't."""
        walker = self.repo.walk(tip, SortMode.TOPOLOGICAL | SortMode.TIME)
        if without:
            walker.hide(without)
        return [_commit(commit) for commit in islice(walker, most)]

    def changes(self, sha: str, since: str | None = None) -> list[FileChange]:
        """The files that differ from `since`, or from the commit's first parent."""
        commit: Any = self.repo[sha]
        if since is None and commit.parents:
            since = str(commit.parents[0].id)
        if since is None:
            diff = commit.tree.diff_to_tree(swap=True)
        else:
            diff = self.repo.diff(since, sha)
        diff.find_similar()
        return [_change(patch) for patch in diff]

    def entry(self, sha: str, path: str) -> Any | None:
        """The blob, tree or submodule at a path of a commit."""
        tree = self.repo[sha].tree
        try:
            return tree[path] if path else tree
        except KeyError:
            return None

    def merge(self, branch: str, source: str, *, who: str, message: str) -> str:
        """Merge `source` into a branch and move the branch there."""
        ref = f"refs/heads/{branch}"
        ours = self._target(ref)
        if ours is None or self._is_checked_out(ref):
            raise MergeConflict(branch)
        index = self.repo.merge_commits(ours, source, favor=MergeFavor.NORMAL)
        if index.conflicts is not None:
            raise MergeConflict(branch)
        person = pygit2.Signature(who, who + NOREPLY)
        tree = index.write_tree(self.repo)
        parents = [ours, source]
        return str(self.repo.create_commit(ref, person, person, message, tree, parents))

    def _is_checked_out(self, ref: str) -> bool:
        """Moving it would leave a person's working tree behind, so we don't."""
        head = self.repo.lookup_reference("HEAD").target
        return not self.repo.is_bare and head == ref

    def _target(self, ref: str) -> str | None:
        try:
            return str(self.repo.lookup_reference(ref).resolve().target)
        except (KeyError, ValueError):
            return None

    def _find_default_branch(self) -> str:
        """What the repository calls so; a working copy's HEAD is only its last say."""
        head = str(self.repo.lookup_reference("HEAD").target)
        checked_out = head.removeprefix("refs/heads/")
        usual = [checked_out] if self.repo.is_bare else []
        for name in (*usual, "main", "master", checked_out):
            if self._target(f"refs/heads/{name}"):
                return name
        return "main"


def _candidates(name: str) -> list[str]:
    if name.startswith("refs/"):
        return [name]
    return [f"refs/{name}", f"refs/tags/{name}", f"refs/heads/{name}"]


def _commit(commit: Any) -> Commit:
    return Commit(
        sha=str(commit.id),
        tree=str(commit.tree_id),
        parents=tuple(str(parent) for parent in commit.parent_ids),
        message=commit.raw_message.decode("utf-8", "replace"),
        author=person(commit.author),
        committer=person(commit.committer),
    )


def person(signature: Any) -> Person:
    at = datetime.fromtimestamp(signature.time, UTC)
    return Person(
        name=signature.raw_name.decode("utf-8", "replace"),
        email=signature.raw_email.decode("utf-8", "replace"),
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


_STATUS_WORDS = {"A": "added", "D": "removed", "R": "renamed", "C": "copied"}


def _change(patch: Any) -> FileChange:
    delta = patch.delta
    _, additions, deletions = patch.line_stats
    present = delta.old_file if delta.status_char() == "D" else delta.new_file
    return FileChange(
        path=present.path,
        old_path=delta.old_file.path,
        status=_STATUS_WORDS.get(delta.status_char(), "modified"),
        blob=str(present.id),
        additions=additions,
        deletions=deletions,
    )
