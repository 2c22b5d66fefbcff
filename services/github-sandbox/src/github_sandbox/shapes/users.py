"""People, the owner, and the apps that report checks."""

from functools import lru_cache
from typing import Any

from github_sandbox.numbers import stable_number
from github_sandbox.settings import PERMISSIONS
from github_sandbox.shapes.links import Links, node_id

_EVENTS = ("check_run", "check_suite", "deployment", "deployment_status", "push")


def user(links: Links, login: str) -> dict[str, Any]:
    here = links.user(login)
    number = stable_number(login)
    return {
        "login": login,
        "id": number,
        "node_id": node_id("U", number),
        "avatar_url": f"{links.base}/avatars/{number}",
        "gravatar_id": "",
        "url": here,
        "html_url": f"{links.base}/{login}",
        "followers_url": f"{here}/followers",
        "following_url": f"{here}/following{{/other_user}}",
        "gists_url": f"{here}/gists{{/gist_id}}",
        "starred_url": f"{here}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{here}/subscriptions",
        "organizations_url": f"{here}/orgs",
        "repos_url": f"{here}/repos",
        "events_url": f"{here}/events{{/privacy}}",
        "received_events_url": f"{here}/received_events",
        "type": "Bot" if login.endswith("[bot]") else "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def profile(links: Links, login: str, since: str) -> dict[str, Any]:
    """A user as `/user` tells it."""
    return user(links, login) | {
        "name": login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "twitter_username": None,
        "notification_email": None,
        "public_repos": 0,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": since,
        "updated_at": since,
    }


def organization(links: Links, login: str) -> dict[str, Any]:
    here = f"{links.base}/orgs/{login}"
    number = stable_number(login)
    return {
        "login": login,
        "id": number,
        "node_id": node_id("O", number),
        "url": here,
        "repos_url": f"{here}/repos",
        "events_url": f"{here}/events",
        "hooks_url": f"{here}/hooks",
        "issues_url": f"{here}/issues",
        "members_url": f"{here}/members{{/member}}",
        "public_members_url": f"{here}/public_members{{/member}}",
        "avatar_url": f"{links.base}/avatars/{number}",
        "description": "",
    }


def permissions(role: str) -> dict[str, bool]:
    """What a role is good for, in the words that GitHub has had longer."""
    held = PERMISSIONS.index(role)
    names = {
        "pull": "read",
        "triage": "triage",
        "push": "write",
        "maintain": "maintain",
        "admin": "admin",
    }
    return {name: held >= PERMISSIONS.index(least) for name, least in names.items()}


def collaboration(links: Links, login: str, role: str) -> dict[str, Any]:
    """What somebody may do in the repository.

    `permission` knows neither `triage` nor `maintain`; `role_name` does.
    """
    more = {"permissions": permissions(role), "role_name": role}
    return {
        "permission": {"triage": "read", "maintain": "write"}.get(role, role),
        "role_name": role,
        "user": user(links, login) | more,
    }


@lru_cache(maxsize=256)
def app(links: Links, slug: str, since: str) -> dict[str, Any]:
    number = stable_number(slug)
    return {
        "id": number,
        "client_id": f"Iv1.{number:016x}",
        "slug": slug,
        "node_id": node_id("A", number),
        "owner": user(links, links.full_name.partition("/")[0]),
        "name": slug,
        "description": "",
        "external_url": f"{links.base}/apps/{slug}",
        "html_url": f"{links.base}/apps/{slug}",
        "created_at": since,
        "updated_at": since,
        "permissions": {"checks": "write", "metadata": "read", "statuses": "write"},
        "events": list(_EVENTS),
    }
