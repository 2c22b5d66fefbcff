"""People, what they may do in the repository, and the owner's teams."""

from github_sandbox import shapes
from github_sandbox.errors import not_found
from github_sandbox.paging import page_of
from github_sandbox.sandbox import Answer, Call


async def show_self(call: Call) -> Answer:
    return Answer(shapes.profile(call.links, call.user, call.sandbox.started_at))


async def show(call: Call) -> Answer:
    login = _known(call)
    return Answer(shapes.profile(call.links, login, call.sandbox.started_at))


async def show_permission(call: Call) -> Answer:
    login = _known(call)
    role = call.sandbox.permission(login)
    return Answer(shapes.collaboration(call.links, login, role))


async def list_members(call: Call) -> Answer:
    """A team's members. GitHub hides other organizations and what isn't there alike."""
    teams = {slug.casefold(): who for slug, who in call.sandbox.settings.teams.items()}
    members = teams.get(call.where["team"].casefold())
    if members is None or call.where["org"].casefold() != call.sandbox.owner.casefold():
        raise not_found()
    page, links = page_of(call, sorted(members))
    return Answer([shapes.user(call.links, login) for login in page], headers=links)


async def rate_limit(call: Call) -> Answer:
    limits = call.sandbox.limits
    core, graphql = (
        limits.window(call.user, name).shown() for name in ("core", "graphql")
    )
    resources = {"core": core, "graphql": graphql, "search": core}
    return Answer({"resources": resources, "rate": core}, cost=0)


def _known(call: Call) -> str:
    login = call.sandbox.person(call.where["login"])
    if login is None:
        raise not_found()
    return login
