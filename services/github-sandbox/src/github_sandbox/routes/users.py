"""The people whose tokens the sandbox knows."""

from github_sandbox import shapes
from github_sandbox.errors import not_found
from github_sandbox.sandbox import Answer, Call


async def show_self(call: Call) -> Answer:
    return Answer(shapes.profile(call.links, call.user, call.sandbox.started_at))


async def show(call: Call) -> Answer:
    known = {call.sandbox.owner, *call.sandbox.settings.tokens.values()}
    by_name = {login.casefold(): login for login in known}
    login = by_name.get(call.where["login"].casefold())
    if login is None:
        raise not_found()
    return Answer(shapes.profile(call.links, login, call.sandbox.started_at))


async def rate_limit(call: Call) -> Answer:
    limits = call.sandbox.limits
    core, graphql = (
        limits.window(call.user, name).shown() for name in ("core", "graphql")
    )
    resources = {"core": core, "graphql": graphql, "search": core}
    return Answer({"resources": resources, "rate": core}, cost=0)
