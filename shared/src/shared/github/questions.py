"""Questions whose answers somebody keeps: what to ask, and how to read what comes.

A question is a value, so that whoever keeps answers can tell two of them apart and can
let several askers have one answer. `GitHubClient.ask` asks one, on the condition that
the answer has changed if its ETag is known.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeVar

import orjson

from .answers import R, read_as, read_page
from .browsing import (
    Branch,
    CheckRuns,
    CombinedStatus,
    Commit,
    Comparison,
    RateLimit,
    RateLimits,
    Target,
)
from .errors import GitHubNotFound, GitHubUnavailable
from .graphql import read_graphql
from .resources import Repository
from .wire import Answer, Call, Repo

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: As many as GitHub puts on one page.
MOST: Final = 100

TAGS: Final = """
query Tags($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name, followRenames: true) {
    databaseId
    refs(
      refPrefix: "refs/tags/", first: 100, after: $after,
      orderBy: {field: TAG_COMMIT_DATE, direction: DESC}
    ) {
      pageInfo { hasNextPage endCursor }
      nodes { name target { ...Found ... on Tag { target {
        ...Found ... on Tag { target { ...Found } }
      } } } }
    }
  }
}
fragment Found on GitObject { __typename oid }
"""


@dataclass(frozen=True)
class Question(Generic[T_co]):
    call: Call
    read: Callable[[Answer], T_co]

    @property
    def key(self) -> str:
        """The same for the same question."""
        asked = {"query": self.call.query, "body": self.call.body}
        return (
            self.call.path + orjson.dumps(asked, option=orjson.OPT_SORT_KEYS).decode()
        )

    @property
    def points(self) -> str:
        """Out of which of GitHub's budgets it is paid."""
        return "graphql" if self.call.route == "/graphql" else "core"


@dataclass(frozen=True)
class Told(Generic[T_co]):
    """What GitHub answered."""

    value: T_co
    etag: str | None
    #: In bytes, as it came.
    size: int


@dataclass(frozen=True)
class Listed(Generic[T]):
    """One page of a list."""

    items: tuple[T, ...]
    more: bool


@dataclass(frozen=True)
class Tag:
    """A tag of a commit, whether annotated or not."""

    name: str
    sha: str


@dataclass(frozen=True)
class TagsPage:
    """Up to a hundred tags."""

    tags: tuple[Tag, ...]
    #: Where the next page begins; none: this is the last.
    after: str | None


def repository(repo: Repo) -> Question[Repository]:
    return Question(Call("GET", "/repos/{repo}", repo), partial(read_as, Repository))


def branches(repo: Repo, page: int, per_page: int) -> Question[Listed[Branch]]:
    call = Call("GET", "/repos/{repo}/branches", repo, query=_page(page, per_page))
    return Question(call, partial(_listed, Branch))


def branch(repo: Repo, name: str) -> Question[Branch]:
    call = Call("GET", "/repos/{repo}/branches/{branch}", repo, {"branch": name})
    return Question(call, partial(read_as, Branch))


def tags(owner: str, name: str, repo_id: int, after: str | None) -> Question[TagsPage]:
    """The newest first, which REST can't tell; so it has no ETag either."""
    body = {"query": TAGS, "variables": {"owner": owner, "name": name, "after": after}}
    call = Call("POST", "/graphql", f"{owner}/{name}", body=body)
    return Question(call, partial(_tags, repo_id))


def tag(repo: Repo, name: str) -> Question[Target]:
    """The ref of a tag: at a commit, or at an object that says more."""
    call = Call("GET", "/repos/{repo}/git/ref/tags/{tag}", repo, {"tag": name})
    return Question(call, partial(read_as, Target))


def annotated_tag(repo: Repo, sha: str) -> Question[Target]:
    call = Call("GET", "/repos/{repo}/git/tags/{sha}", repo, {"sha": sha})
    return Question(call, partial(read_as, Target))


def commits(
    repo: Repo, start: str | None, page: int, per_page: int
) -> Question[Listed[Commit]]:
    """From a branch's or a commit's history, the newest first."""
    query = _page(page, per_page) | ({"sha": start} if start else {})
    call = Call("GET", "/repos/{repo}/commits", repo, query=query)
    return Question(call, partial(_listed, Commit))


def commit(repo: Repo, ref: str) -> Question[Commit]:
    # Its files are told page by page, and nobody reads them here.
    query = {"per_page": "1"}
    call = Call("GET", "/repos/{repo}/commits/{ref}", repo, {"ref": ref}, query)
    return Question(call, partial(read_as, Commit))


def comparison(
    repo: Repo, base: str, head: str, page: int, per_page: int
) -> Question[Listed[Commit]]:
    """What `head` has and `base` has not, the oldest first."""
    ids = {"base": base, "head": head}
    call = Call(
        "GET", "/repos/{repo}/compare/{base}...{head}", repo, ids, _page(page, per_page)
    )
    return Question(call, _compared)


def combined_status(repo: Repo, ref: str, page: int) -> Question[CombinedStatus]:
    call = Call(
        "GET", "/repos/{repo}/commits/{ref}/status", repo, {"ref": ref}, _page(page)
    )
    return Question(call, partial(read_as, CombinedStatus))


def check_runs(repo: Repo, ref: str, page: int) -> Question[CheckRuns]:
    """The newest run of each check."""
    call = Call(
        "GET", "/repos/{repo}/commits/{ref}/check-runs", repo, {"ref": ref}, _page(page)
    )
    return Question(call, partial(read_as, CheckRuns))


def rate_limit() -> Question[RateLimit]:
    return Question(Call("GET", "/rate_limit"), _core)


def _page(page: int, per_page: int = MOST) -> dict[str, str]:
    return {"page": str(page), "per_page": str(per_page)}


def _listed(kind: type[R], answer: Answer) -> Listed[R]:
    return Listed(tuple(read_page(kind, answer)), answer.next is not None)


def _compared(answer: Answer) -> Listed[Commit]:
    return Listed(read_as(Comparison, answer).commits, answer.next is not None)


def _core(answer: Answer) -> RateLimit:
    return read_as(RateLimits, answer).resources.core


def _tags(repo_id: int, answer: Answer) -> TagsPage:
    found = read_graphql(answer).data.get("repository")
    # The name may have become another repository's.
    if not found or found.get("databaseId") != repo_id:
        raise GitHubNotFound("GitHub shows no such repository")
    refs = found.get("refs")
    if not refs:
        raise GitHubUnavailable("GitHub's answer has no tags in it")
    named = ((node["name"], _commit_of(node["target"])) for node in refs["nodes"])
    place = refs["pageInfo"]
    return TagsPage(
        tuple(Tag(name, sha) for name, sha in named if sha),
        place["endCursor"] if place["hasNextPage"] else None,
    )


def _commit_of(target: Mapping[str, Any] | None) -> str | None:
    """Where tags lead to in the end; none: to something else than a commit."""
    while target and target["__typename"] == "Tag":
        target = target.get("target")
    is_commit = target is not None and target["__typename"] == "Commit"
    return str(target["oid"]) if target and is_commit else None
