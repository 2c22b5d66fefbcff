"""The App's installation at the repository's owner: what it covers, and may do.

There is one, made with the sandbox; `/_sandbox/app` changes it as the owner would on
GitHub's pages, and the App's hook is told.
"""

from typing import Any

from github_sandbox import webhooks
from github_sandbox.clock import now
from github_sandbox.records import Installation
from github_sandbox.sandbox import Call, Sandbox
from github_sandbox.shapes import apps


def make(sandbox: Sandbox) -> None:
    """Install the App, unless that was ever done."""
    app, store = sandbox.settings.app, sandbox.store
    if app and not len(store.installations):
        _install(sandbox)


def change(call: Call, told: dict[str, Any]) -> None:
    """Take over what the owner changed, one thing after another."""
    if "installed" in told:
        _set_installed(call, installed=told["installed"])
    if "covers" in told:
        _set_covers(call, covers=told["covers"])
    if "suspended" in told:
        _set_suspended(call, suspended=told["suspended"])
    if "permissions" in told and (known := call.sandbox.installation):
        call.store.installations.update(known, permissions=told["permissions"])
        _tell(call, "installation", "new_permissions_accepted")


def _set_installed(call: Call, *, installed: bool) -> None:
    known = call.sandbox.installation
    repositories = {"repositories": [apps.short_repository(call.sandbox.repository)]}
    if known and not installed:
        for token in call.store.installation_tokens:
            call.store.installation_tokens.delete(token)
        _tell(call, "installation", "deleted", repositories)
        call.store.installations.update(known, removed=True)
    elif installed and not known:
        _install(call.sandbox)
        _tell(call, "installation", "created", repositories)


def _set_covers(call: Call, *, covers: bool) -> None:
    known = call.sandbox.installation
    if known is None or known.covers == covers:
        return
    call.store.installations.update(known, covers=covers)
    one, nothing = [apps.short_repository(call.sandbox.repository)], list[Any]()
    told = {
        "repository_selection": "selected",
        "repositories_added": one if covers else nothing,
        "repositories_removed": nothing if covers else one,
        "requester": None,
    }
    action = "added" if covers else "removed"
    _tell(call, "installation_repositories", action, told)


def _set_suspended(call: Call, *, suspended: bool) -> None:
    known = call.sandbox.installation
    if known is None or bool(known.suspended_at) == suspended:
        return
    at = now() if suspended else None
    call.store.installations.update(known, suspended_at=at)
    _tell(call, "installation", "suspend" if suspended else "unsuspend")


def _install(sandbox: Sandbox) -> None:
    app, store = sandbox.settings.app, sandbox.store
    if app is None:
        return
    at, permissions = now(), dict(app.permissions)
    store.installations.put(Installation(store.next_id(), permissions, at, at))


def _tell(
    call: Call, event: str, action: str, more: dict[str, Any] | None = None
) -> None:
    known, app = call.sandbox.installation, call.sandbox.settings.app
    if known and app:
        told = {"installation": apps.installation(call.links, app, known)}
        webhooks.tell_app(call, event, {"action": action, **told, **(more or {})})
