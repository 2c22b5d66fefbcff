"""The control surface's part that says who may what: `/_sandbox/{people,app}`."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import orjson
from aiohttp import web

from github_sandbox import installation, tokens
from github_sandbox.bodies import Field, read_body
from github_sandbox.errors import ApiError, not_found, validation_failed
from github_sandbox.numbers import stable_number
from github_sandbox.records import Person
from github_sandbox.sandbox import Call, Sandbox
from github_sandbox.settings import PERMISSIONS

_FIELDS = {
    "role": Field(choices=frozenset(PERMISSIONS)),
    "organizations": Field((list,)),
    "repositories": Field((dict,)),
}

_APP_FIELDS = {
    "installed": Field((bool,)),
    "covers": Field((bool,)),
    "suspended": Field((bool,)),
    "permissions": Field((dict,)),
}

Change = Callable[[Call, str], Awaitable[Any]]


def routes(sandbox: Sandbox) -> list[web.RouteDef]:
    def serve(change: Change) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            call = await _call(sandbox, request)
            try:
                told = await change(call, request.match_info.get("login", ""))
            except ApiError as error:
                return _json(error.body, error.status)
            await sandbox.store.settled()
            sandbox.courier.send(call.caused)
            return _json(told)

        return serve

    one = "/_sandbox/people/{login}"
    return [
        web.get("/_sandbox/people", serve(_list)),
        web.put(one, serve(_change)),
        web.delete(one, serve(_remove)),
        web.delete(f"{one}/tokens", serve(_revoke)),
        web.get("/_sandbox/app", serve(_show_app)),
        web.put("/_sandbox/app", serve(_change_app)),
    ]


async def _call(sandbox: Sandbox, request: web.Request) -> Call:
    links = sandbox.links(f"{request.scheme}://{request.host}")
    return Call(sandbox, sandbox.owner, links, raw_body=await request.read())


async def _list(call: Call, _: str) -> Any:
    return [_shown(person) for person in call.sandbox.people.who_sign_in()]


async def _change(call: Call, login: str) -> Any:
    """Add somebody, or say something else of them; what isn't said stays."""
    told = read_body(call.raw_body, "Person", _FIELDS)
    known = call.sandbox.people.find(login)
    fresh = Person(stable_number(login), login, "none", [])
    person = replace(known or fresh, **told)
    for name, role in person.repositories.items():
        if name.count("/") != 1 or role not in PERMISSIONS:
            raise validation_failed("Person", "repositories", "owner/name: role")
    return _shown(call.store.people.put(person))


async def _remove(call: Call, login: str) -> Any:
    """Their account is gone, and so is all that it was good for."""
    person = _known(call, login)
    call.store.people.put(replace(person, removed=True))
    return _shown(person)


async def _revoke(call: Call, login: str) -> Any:
    """They take back what they allowed, to one application or to all."""
    person, settings = _known(call, login), call.sandbox.settings
    clients = [settings.oauth, settings.app.client if settings.app else None]
    ended = [tokens.revoke(call, one, person.login) for one in clients if one]
    return {"revoked": sum(ended)}


async def _show_app(call: Call, _: str) -> Any:
    known = call.sandbox.installation
    if known is None:
        return {"installed": False}
    return {
        "installed": True,
        "id": known.id,
        "covers": known.covers,
        "suspended": known.suspended_at is not None,
        "permissions": known.permissions,
    }


async def _change_app(call: Call, _: str) -> Any:
    installation.change(call, read_body(call.raw_body, "Installation", _APP_FIELDS))
    return await _show_app(call, _)


def _known(call: Call, login: str) -> Person:
    person = call.sandbox.people.find(login)
    if person is None:
        raise not_found()
    return person


def _shown(person: Person) -> dict[str, Any]:
    return {
        "login": person.login,
        "id": person.id,
        "role": person.role,
        "organizations": person.organizations,
        "repositories": person.repositories,
    }


def _json(body: Any, status: int = 200) -> web.Response:
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/json"
    )
