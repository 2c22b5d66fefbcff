"""People, what they may do in the repository, and the owner's teams."""

from github_sandbox import shapes
from github_sandbox.access import grants, not_for_apps
from github_sandbox.errors import ApiError, not_found
from github_sandbox.numbers import stable_number
from github_sandbox.paging import page_of
from github_sandbox.records import Person
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import Links
from github_sandbox.shapes.repository import Facts

_SEE_ORGANIZATIONS = {"user", "read:org", "write:org", "admin:org"}


async def show_self(call: Call) -> Answer:
    return Answer(shapes.profile(call.links, call.user, call.sandbox.started_at))


async def show(call: Call) -> Answer:
    person = _known(call)
    return Answer(shapes.profile(call.links, person.login, call.sandbox.started_at))


async def list_repositories(call: Call) -> Answer:
    """All that the caller may see: the repository, and others without content."""
    sandbox, person = call.sandbox, _self(call)
    facts, scopes = sandbox.facts, call.caller.scopes
    found: list[tuple[Links, Facts, str]] = []
    if call.sees_repository:
        found.append((call.links, facts, person.role))
    for name, role in sorted(person.repositories.items()):
        at = facts.created_at
        other = Facts(stable_number(name), facts.default_branch, at, at)
        found.append((Links(call.links.base, name), other, role))
    if scopes is not None and "repo" not in scopes:
        found = []  # all are private
    page, links = page_of(call, found)
    return Answer([shapes.own_repository(*one) for one in page], headers=links)


async def list_organizations(call: Call) -> Answer:
    scopes = call.caller.scopes
    if scopes is not None and _SEE_ORGANIZATIONS.isdisjoint(scopes):
        raise ApiError(403, "You need at least read:org scope or user scope.")
    page, links = page_of(call, sorted(_self(call).organizations))
    return Answer(
        [shapes.organization(call.links, login) for login in page], headers=links
    )


async def show_permission(call: Call) -> Answer:
    person = _known(call)
    return Answer(shapes.collaboration(call.links, person.login, person.role))


async def list_members(call: Call) -> Answer:
    """A team's members. GitHub hides other organizations and what isn't there alike."""
    granted = call.caller.permissions
    if granted is not None and not grants(granted, "members", "read"):
        raise not_for_apps("members=read")
    teams = {slug.casefold(): who for slug, who in call.sandbox.settings.teams.items()}
    members = teams.get(call.where["team"].casefold())
    if members is None or call.where["org"].casefold() != call.sandbox.owner.casefold():
        raise not_found()
    there = [login for login in sorted(members) if call.sandbox.people.find(login)]
    page, links = page_of(call, there)
    return Answer([shapes.user(call.links, login) for login in page], headers=links)


async def rate_limit(call: Call) -> Answer:
    limits = call.sandbox.limits
    core, graphql = (
        limits.window(call.user, name).shown() for name in ("core", "graphql")
    )
    resources = {"core": core, "graphql": graphql, "search": core}
    return Answer({"resources": resources, "rate": core}, cost=0)


def _self(call: Call) -> Person:
    person = call.sandbox.people.find(call.user)
    if person is None:
        raise not_found()
    return person


def _known(call: Call) -> Person:
    person = call.sandbox.people.find(call.where["login"])
    if person is None:
        raise not_found()
    return person
