"""GitHub's REST API: which handler answers which path, and who may ask it.

A repository's paths exist twice, under its name and under its number. Order counts:
branches and refs may contain slashes, so the longer paths come first.
"""

from github_sandbox.access import (
    Admit,
    Needs,
    by_anybody,
    by_app,
    by_app_of_repository,
    by_client,
    by_person,
    by_token,
)
from github_sandbox.edge import Handler
from github_sandbox.routes import (
    app,
    checks,
    commits,
    contents,
    deployment_statuses,
    deployments,
    hooks,
    refs,
    repository,
    sign_in,
    statuses,
    users,
)

Route = tuple[str, str, Handler, Admit]

_DEPLOYMENT = "/deployments/{deployment_id:[0-9]+}"
_STATUSES = f"{_DEPLOYMENT}/statuses"
_HOOK = "/hooks/{hook_id:[0-9]+}"
_DELIVERIES = f"{_HOOK}/deliveries"
_INSTALLATION = "/app/installations/{installation_id:[0-9]+}"
_APP_DELIVERY = "/app/hook/deliveries/{delivery_id:[0-9]+}"
_DELIVERY = f"{_DELIVERIES}/{{delivery_id:[0-9]+}}"

_SEES = Needs("read", "metadata")
_SEES_PEOPLE = Needs("write", "metadata")
_ADMINISTERS = Needs("admin", "administration", "write")
_READS = Needs("read", "contents")
_SEES_STATUSES = Needs("read", "statuses")
_REPORTS = Needs("write", "statuses", "write")
_SEES_CHECKS = Needs("read", "checks")
_CHECKS = Needs("write", "checks", "write")
_SEES_DEPLOYMENTS = Needs("read", "deployments")
_DEPLOYS = Needs("write", "deployments", "write")
_SEES_HOOKS = Needs("admin", "repository_hooks")
_HOOKS = Needs("admin", "repository_hooks", "write")

_OF_REPOSITORY: list[Route] = [
    ("GET", "", repository.show, _SEES),
    (
        "GET",
        "/installation",
        app.show_installation_of_repository,
        by_app_of_repository,
    ),
    ("PATCH", "", repository.update, _ADMINISTERS),
    ("DELETE", "", repository.delete, _ADMINISTERS),
    ("GET", "/collaborators/{login}/permission", users.show_permission, _SEES_PEOPLE),
    ("GET", "/branches", refs.list_branches, _READS),
    ("GET", "/branches/{branch:.+}", refs.show_branch, _READS),
    ("GET", "/tags", refs.list_tags, _READS),
    ("GET", "/git/ref/{ref:.+}", refs.show_ref, _READS),
    ("GET", "/git/tags/{sha}", refs.show_tag, _READS),
    ("GET", "/commits", commits.list_commits, _READS),
    ("GET", "/commits/{ref:.+}/status", statuses.combined, _SEES_STATUSES),
    ("GET", "/commits/{ref:.+}/statuses", statuses.list_statuses, _SEES_STATUSES),
    ("GET", "/commits/{ref:.+}/check-runs", checks.list_runs, _SEES_CHECKS),
    ("GET", "/commits/{ref:.+}/check-suites", checks.list_suites, _SEES_CHECKS),
    ("GET", "/commits/{ref:.+}", commits.show, _READS),
    ("GET", "/compare/{span:.+}", commits.compare, _READS),
    ("GET", "/contents", contents.show, _READS),
    ("GET", "/contents/{path:.*}", contents.show, _READS),
    ("POST", "/statuses/{sha}", statuses.create, _REPORTS),
    ("POST", "/check-runs", checks.create, _CHECKS),
    ("GET", "/check-runs/{run_id:[0-9]+}", checks.show, _SEES_CHECKS),
    ("PATCH", "/check-runs/{run_id:[0-9]+}", checks.update, _CHECKS),
    ("POST", "/deployments", deployments.create, _DEPLOYS),
    ("GET", "/deployments", deployments.list_deployments, _SEES_DEPLOYMENTS),
    ("GET", _DEPLOYMENT, deployments.show, _SEES_DEPLOYMENTS),
    ("DELETE", _DEPLOYMENT, deployments.delete, _DEPLOYS),
    ("POST", _STATUSES, deployment_statuses.create, _DEPLOYS),
    ("GET", _STATUSES, deployment_statuses.list_all, _SEES_DEPLOYMENTS),
    (
        "GET",
        f"{_STATUSES}/{{status_id:[0-9]+}}",
        deployment_statuses.show,
        _SEES_DEPLOYMENTS,
    ),
    ("POST", "/hooks", hooks.create, _HOOKS),
    ("GET", "/hooks", hooks.list_hooks, _SEES_HOOKS),
    ("GET", _HOOK, hooks.show, _SEES_HOOKS),
    ("PATCH", _HOOK, hooks.update, _HOOKS),
    ("DELETE", _HOOK, hooks.delete, _HOOKS),
    ("POST", f"{_HOOK}/pings", hooks.ping, _HOOKS),
    ("GET", _DELIVERIES, hooks.list_deliveries, _SEES_HOOKS),
    ("GET", _DELIVERY, hooks.show_delivery, _SEES_HOOKS),
    ("POST", f"{_DELIVERY}/attempts", hooks.redeliver, _HOOKS),
]

ROUTES: list[Route] = [
    *(
        (method, start + path, handler, admit)
        for start in ("/repos/{owner}/{repo}", "/repositories/{repository_id}")
        for method, path, handler, admit in _OF_REPOSITORY
    ),
    ("GET", "/app", app.show, by_app),
    ("GET", "/app/installations", app.list_installations, by_app),
    ("GET", _INSTALLATION, app.show_installation, by_app),
    ("POST", f"{_INSTALLATION}/access_tokens", app.create_token, by_app),
    ("GET", "/app/hook/config", app.show_hook_config, by_app),
    ("GET", "/app/hook/deliveries", app.list_deliveries, by_app),
    ("GET", _APP_DELIVERY, app.show_delivery, by_app),
    ("POST", f"{_APP_DELIVERY}/attempts", app.redeliver, by_app),
    ("GET", "/installation/repositories", app.list_repositories, by_token),
    ("GET", "/user", users.show_self, by_person),
    ("GET", "/user/orgs", users.list_organizations, by_person),
    ("GET", "/user/repos", users.list_repositories, by_person),
    ("GET", "/users/{login}", users.show, by_token),
    ("GET", "/orgs/{org}/teams/{team}/members", users.list_members, by_token),
    ("GET", "/rate_limit", users.rate_limit, by_token),
    ("DELETE", "/applications/{client_id}/token", sign_in.delete_token, by_client),
    ("DELETE", "/applications/{client_id}/grant", sign_in.delete_grant, by_client),
]

#: At GitHub these are not the API's, but the web's.
SIGN_IN: list[Route] = [
    ("GET", "/login/oauth/authorize", sign_in.authorize, by_anybody),
    ("POST", "/login/oauth/access_token", sign_in.access_token, by_anybody),
]
