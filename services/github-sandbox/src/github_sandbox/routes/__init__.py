"""GitHub's REST API: which handler answers which path.

A repository's paths exist twice, under its name and under its number. Order counts:
branches and refs may contain slashes, so the longer paths come first.
"""

from github_sandbox.edge import Handler
from github_sandbox.routes import (
    checks,
    commits,
    contents,
    deployment_statuses,
    deployments,
    hooks,
    refs,
    repository,
    statuses,
    users,
)

Route = tuple[str, str, Handler]

_NAMED = "/repos/{owner}/{repo}"
_NUMBERED = "/repositories/{repository_id}"

_OF_REPOSITORY: list[Route] = [
    ("GET", "", repository.show),
    ("PATCH", "", repository.update),
    ("DELETE", "", repository.delete),
    ("GET", "/collaborators/{login}/permission", users.show_permission),
    ("GET", "/branches", refs.list_branches),
    ("GET", "/branches/{branch:.+}", refs.show_branch),
    ("GET", "/tags", refs.list_tags),
    ("GET", "/git/ref/{ref:.+}", refs.show_ref),
    ("GET", "/git/tags/{sha}", refs.show_tag),
    ("GET", "/commits", commits.list_commits),
    ("GET", "/commits/{ref:.+}/status", statuses.combined),
    ("GET", "/commits/{ref:.+}/statuses", statuses.list_statuses),
    ("GET", "/commits/{ref:.+}/check-runs", checks.list_runs),
    ("GET", "/commits/{ref:.+}/check-suites", checks.list_suites),
    ("GET", "/commits/{ref:.+}", commits.show),
    ("GET", "/compare/{span:.+}", commits.compare),
    ("GET", "/contents", contents.show),
    ("GET", "/contents/{path:.*}", contents.show),
    ("POST", "/statuses/{sha}", statuses.create),
    ("POST", "/check-runs", checks.create),
    ("GET", "/check-runs/{run_id:[0-9]+}", checks.show),
    ("PATCH", "/check-runs/{run_id:[0-9]+}", checks.update),
    ("POST", "/deployments", deployments.create),
    ("GET", "/deployments", deployments.list_deployments),
    ("GET", "/deployments/{deployment_id:[0-9]+}", deployments.show),
    ("DELETE", "/deployments/{deployment_id:[0-9]+}", deployments.delete),
    (
        "POST",
        "/deployments/{deployment_id:[0-9]+}/statuses",
        deployment_statuses.create,
    ),
    (
        "GET",
        "/deployments/{deployment_id:[0-9]+}/statuses",
        deployment_statuses.list_all,
    ),
    (
        "GET",
        "/deployments/{deployment_id:[0-9]+}/statuses/{status_id:[0-9]+}",
        deployment_statuses.show,
    ),
    ("POST", "/hooks", hooks.create),
    ("GET", "/hooks", hooks.list_hooks),
    ("GET", "/hooks/{hook_id:[0-9]+}", hooks.show),
    ("PATCH", "/hooks/{hook_id:[0-9]+}", hooks.update),
    ("DELETE", "/hooks/{hook_id:[0-9]+}", hooks.delete),
    ("POST", "/hooks/{hook_id:[0-9]+}/pings", hooks.ping),
    ("GET", "/hooks/{hook_id:[0-9]+}/deliveries", hooks.list_deliveries),
    (
        "GET",
        "/hooks/{hook_id:[0-9]+}/deliveries/{delivery_id:[0-9]+}",
        hooks.show_delivery,
    ),
    (
        "POST",
        "/hooks/{hook_id:[0-9]+}/deliveries/{delivery_id:[0-9]+}/attempts",
        hooks.redeliver,
    ),
]

ROUTES: list[Route] = [
    *((method, _NAMED + path, handler) for method, path, handler in _OF_REPOSITORY),
    *((method, _NUMBERED + path, handler) for method, path, handler in _OF_REPOSITORY),
    ("GET", "/user", users.show_self),
    ("GET", "/users/{login}", users.show),
    ("GET", "/orgs/{org}/teams/{team}/members", users.list_members),
    ("GET", "/rate_limit", users.rate_limit),
]
