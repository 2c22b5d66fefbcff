"""Who is meant by the names in `deploy.yml`: logins, and teams as `@organization/team`.

Logins are compared as GitHub does, without regard to case. A team that GitHub does not
show to us has nobody in it: a rule that can't be looked up is never taken as kept.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from shared.contracts import Person
from shared.deploy_yml import Env

from .found import Named, People
from .wanted import Wanted

#: Who has the token of `GITPLOY_API_TOKEN` administers all that Gitploy does; GitHub
#: knows nobody by this id.
ADMINISTRATOR: Final = 0
#: So many people are asked for an approval. Who names more names everybody.
MOST_REVIEWERS: Final = 1_000


@dataclass(frozen=True)
class Reviewers:
    """Who can be asked for an approval."""

    asked: tuple[Person, ...] = ()
    #: Who is named and can't be asked, and why.
    missing: tuple[str, ...] = ()


def is_team(name: str) -> bool:
    return name.startswith("@")


def is_named(person: Person, names: Sequence[str], people: People) -> bool:
    """Whether somebody is among them, by login or as a member of a team."""
    if person.login.casefold() in {name.casefold() for name in names}:
        return True
    teams = (people.members(name) or () for name in names if is_team(name))
    return any(person.id == member.id for team in teams for member in team)


def hidden(names: Iterable[str], people: People) -> list[str]:
    """The teams that GitHub does not show to us."""
    return [name for name in names if is_team(name) and people.members(name) is None]


def may_override(rules: Env, wanted: Wanted, people: People) -> bool:
    """Whether the requester may pass over checks. Who does not try is not looked up."""
    tries = wanted.override is not None
    return tries and is_overrider(rules, wanted.requested_by, people)


def is_overrider(rules: Env, person: Person, people: People) -> bool:
    """Whether somebody may pass over checks: overriders, else administrators."""
    if rules.overriders:
        return is_named(person, rules.overriders, people)
    if person.id == ADMINISTRATOR:
        return True
    standing = people.standing(person.login)
    if standing is None or standing.person.id != person.id:
        return False
    return standing.permission == "admin"


def needs_review(rules: Env, wanted: Wanted) -> bool:
    return rules.review.enabled and not waives_review(rules, wanted)


def waives_review(rules: Env, wanted: Wanted) -> bool:
    """Whether this goes back to what was approved here before."""
    target = wanted.rollback_of
    approved = target is not None and target.approved
    return approved and rules.review.on_rollback == "skip"


def reviewers(rules: Env, wanted: Wanted, people: People) -> Reviewers:
    """Everybody who may approve, one by one. Nobody approves what they asked for."""
    asked: dict[int, Person] = {}
    missing: list[str] = []
    if not needs_review(rules, wanted):
        return Reviewers()
    for name in rules.review.reviewers:
        who, why = _members(name, people) if is_team(name) else _single(name, people)
        asked |= {p.id: p for p in who if p.id != wanted.requested_by.id}
        missing += [why] if why else []
    if len(asked) > MOST_REVIEWERS:
        missing.append(f"everybody beyond the first {MOST_REVIEWERS:,} people")
    return Reviewers(tuple(islice(asked.values(), MOST_REVIEWERS)), tuple(missing))


def asked_about(rules: Env, wanted: Wanted) -> Named:
    """Whom GitHub has to be asked about. Most rules need nobody."""
    names = _teams_for(wanted.requested_by, rules.deployers)
    if wanted.override:
        names |= _whether_overrider(rules, wanted.requested_by)
    if needs_review(rules, wanted):
        names |= set(rules.review.reviewers)
    return _named(names)


def asked_about_overrider(rules: Env, person: Person) -> Named:
    """Whom GitHub has to be asked about to know whether somebody may override."""
    return _named(_whether_overrider(rules, person))


def _whether_overrider(rules: Env, person: Person) -> set[str]:
    if rules.overriders:
        return _teams_for(person, rules.overriders)
    return set() if person.id == ADMINISTRATOR else {person.login}


def _teams_for(person: Person, names: Sequence[str]) -> set[str]:
    """The teams that somebody may be in who isn't named as well."""
    if person.login.casefold() in {name.casefold() for name in names}:
        return set()
    return {name for name in names if is_team(name)}


def _named(names: Collection[str]) -> Named:
    return Named(
        logins=frozenset(name for name in names if not is_team(name)),
        teams=frozenset(name for name in names if is_team(name)),
    )


def _members(team: str, people: People) -> tuple[tuple[Person, ...], str | None]:
    members = people.members(team)
    if members is None:
        return (), f"GitHub shows no team {team} to our token"
    return members, None if members else f"{team} has no members"


def _single(login: str, people: People) -> tuple[tuple[Person, ...], str | None]:
    standing = people.standing(login)
    if standing is None:
        return (), f"nobody at GitHub is called {login}"
    if standing.permission == "none":
        return (), f"{login} has no access to the repository any more"
    return (standing.person,), None
