"""The repository, in the lengths that GitHub tells it.

One dictionary serves REST and webhooks; REST's full form adds to it. The same few
facts give the same dictionary, so it is built once and shared: never change it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from github_sandbox.shapes.links import Links, node_id
from github_sandbox.shapes.users import permissions, user

_TEMPLATES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}
_NOTHING_YET = (
    "forks_count", "stargazers_count", "watchers_count", "open_issues_count",
    "forks", "open_issues", "watchers", "size",
)  # fmt: skip
_OFF = ("has_discussions", "has_pages", "has_projects", "has_wiki", "is_template")


@dataclass(frozen=True)
class Facts:
    id: int
    default_branch: str
    created_at: str
    pushed_at: str
    archived: bool = False


@lru_cache(maxsize=64)
def repository(links: Links, facts: Facts) -> dict[str, Any]:
    """As webhooks and other answers carry it."""
    owner, name = links.full_name.split("/")
    return {
        "id": facts.id,
        "node_id": node_id("R", facts.id),
        "name": name,
        "full_name": links.full_name,
        "private": True,
        "owner": user(links, owner),
        "html_url": links.html(),
        "description": None,
        "fork": False,
        "url": links.api(),
        **{key: links.api(path) for key, path in _TEMPLATES.items()},
        "git_url": links.html(".git"),
        "ssh_url": links.html(".git"),
        "clone_url": links.html(".git"),
        "svn_url": links.html(),
        "homepage": None,
        "mirror_url": None,
        "language": None,
        "license": None,
        **dict.fromkeys(_NOTHING_YET, 0),
        **dict.fromkeys(_OFF, False),
        "has_issues": True,
        "has_downloads": True,
        "archived": facts.archived,
        "disabled": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "topics": [],
        "visibility": "private",
        "default_branch": facts.default_branch,
        "created_at": facts.created_at,
        "updated_at": facts.created_at,
        "pushed_at": facts.pushed_at,
    }


def own_repository(links: Links, facts: Facts, role: str) -> dict[str, Any]:
    """As a list of one's repositories has it."""
    return repository(links, facts) | {"permissions": permissions(role)}


def full_repository(links: Links, facts: Facts, role: str) -> dict[str, Any]:
    """As `GET /repos/{owner}/{repo}` tells it, to somebody with this role."""
    return own_repository(links, facts, role) | {
        "network_count": 0,
        "subscribers_count": 0,
        "allow_rebase_merge": True,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": False,
    }
