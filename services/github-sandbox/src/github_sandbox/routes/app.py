"""The GitHub App: itself, its installation, its tokens, and its hook's deliveries."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from github_sandbox import shapes
from github_sandbox.bodies import Field, read_body
from github_sandbox.clients import App
from github_sandbox.errors import ApiError, not_found
from github_sandbox.paging import page_of
from github_sandbox.records import Delivery, Hook, Installation, InstallationToken
from github_sandbox.routes import hooks
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import apps
from github_sandbox.tokens import digest

_FIELDS = {
    "permissions": Field((dict,)),
    "repositories": Field((list,)),
    "repository_ids": Field((list,)),
}
_ACCESS = ("read", "write", "admin")


async def show(call: Call) -> Answer:
    return Answer(apps.app(call.links, _app(call), call.sandbox.started_at))


async def list_installations(call: Call) -> Answer:
    known = call.sandbox.installation
    page, links = page_of(call, [known] if known else [])
    shaped = [apps.installation(call.links, _app(call), one) for one in page]
    return Answer(shaped, headers=links)


async def show_installation(call: Call) -> Answer:
    return Answer(apps.installation(call.links, _app(call), _installation(call)))


async def show_installation_of_repository(call: Call) -> Answer:
    known = call.sandbox.installation
    if known is None or not known.covers:
        raise not_found()
    return Answer(apps.installation(call.links, _app(call), known))


async def create_token(call: Call) -> Answer:
    """A token that may do what was asked for, if that is not more than was granted."""
    known = _installation(call)
    if known.suspended_at:
        raise ApiError(403, "This installation has been suspended")
    body = read_body(call.raw_body, "InstallationToken", _FIELDS)
    permissions = body.get("permissions", known.permissions)
    _check_granted(known, permissions)
    _check_covered(call, known, body)
    token = f"ghs_{_app(call).id}_{secrets.token_urlsafe(180)}"
    until = int(time.time() + call.sandbox.faults.app("token_life_s"))
    call.store.installation_tokens.put(
        InstallationToken(
            id=call.store.next_id(),
            digest=digest(token),
            permissions=permissions,
            until=until,
        )
    )
    told = {
        "token": token,
        "expires_at": datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": permissions,
        "repository_selection": "selected",
    }
    return Answer(told, 201)


async def list_repositories(call: Call) -> Answer:
    """What the installation whose token this is covers."""
    if call.caller.acts_as != "installation":
        raise ApiError(403, "You must authenticate with an installation access token")
    found = [call.sandbox.facts] if call.sees_repository else []
    page, links = page_of(call, found)
    listed = [shapes.own_repository(call.links, facts, "read") for facts in page]
    return Answer({"total_count": len(found), "repositories": listed}, headers=links)


async def show_hook_config(call: Call) -> Answer:
    return Answer(shapes.hook_config(_hook(call)))


async def list_deliveries(call: Call) -> Answer:
    return hooks.deliveries_of(call, _hook(call))


async def show_delivery(call: Call) -> Answer:
    return await hooks.delivery_in_full(call, _delivery(call))


async def redeliver(call: Call) -> Answer:
    return hooks.attempt(call, _hook(call), _delivery(call))


def _check_granted(known: Installation, permissions: dict[str, Any]) -> None:
    for name, access in permissions.items():
        if access not in _ACCESS:
            raise ApiError(422, f"Invalid permission: {name}")
        held = known.permissions.get(name)
        if held is None or _ACCESS.index(held) < _ACCESS.index(access):
            why = "The permissions requested are not granted to this installation."
            raise ApiError(422, why)


def _check_covered(call: Call, known: Installation, body: dict[str, Any]) -> None:
    repository = call.sandbox.repository
    name = repository.full_name.partition("/")[2]
    wanted = {*body.get("repositories", ()), *body.get("repository_ids", ())}
    if wanted - {name, repository.id} or (wanted and not known.covers):
        raise ApiError(
            422,
            "There is at least one repository that does not exist or is not "
            "accessible to the parent installation.",
        )


def _app(call: Call) -> App:
    app = call.sandbox.settings.app
    if app is None:
        raise not_found()
    return app


def _installation(call: Call) -> Installation:
    known = call.sandbox.installation
    if known is None or known.id != int(call.where["installation_id"]):
        raise not_found()
    return known


def _hook(call: Call) -> Hook:
    hook = call.store.hooks.get(_app(call).id)
    if hook is None:
        raise not_found()
    return hook


def _delivery(call: Call) -> Delivery:
    return hooks.delivery_of(call, _hook(call))
