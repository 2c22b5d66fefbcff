"""Is the environment free: of locks, of other deployments, of a hold?"""

from collections.abc import Sequence

from shared.contracts import Check, Person
from shared.deploy_yml import Env
from verifier.domain.situation import Foreign, Held, Hold, Lock

from .codes import AUTO_DEPLOY, LOCKED, RUNNING, SUPERSEDED
from .wording import (
    called,
    failed,
    listed,
    moment,
    passed,
    plain,
    skipped,
    waits,
    warning,
)


def locked(lock: Lock | None, requester: Person, environment: str) -> Check:
    """Does a lock of somebody else keep this person out?"""
    name = plain(environment)
    if lock is None:
        return passed(LOCKED, f"Nobody has locked {name}.")
    until = f"until {moment(lock.expires_at)}" if lock.expires_at else "until unlocked"
    reason = f": {plain(lock.reason)}" if lock.reason else ""
    told = f"since {moment(lock.locked_at)}, {until}{reason}"
    if lock.owner.id == requester.id:
        return passed(LOCKED, f"{plain(requester.login)} has locked {name} {told}.")
    owner = plain(lock.owner.login)
    refused = failed(
        LOCKED,
        f"{owner} has locked {name} {told}. Ask {owner} to unlock it, or take the "
        "lock over.",
    )
    return waits(refused, [lock.owner.login], lock.expires_at)


def running(
    held: Held | None,
    rules: Env | None,
    page: str,
    foreign: Sequence[Foreign] = (),
) -> Check:
    """Is there room in the environment?"""
    if rules is None:
        return skipped(RUNNING, "there are no rules for this environment")
    name, url = plain(rules.name), f"{page}/deployments"
    if rules.serialization and held:
        taken = failed(RUNNING, _taken(held, name), url)
        return waits(taken, [f"#{held.holder.number}"])
    if foreign:
        return _foreign(foreign, rules, url)
    if not rules.serialization:
        return skipped(RUNNING, f"{name} has room for all (no `serialization: true`)")
    return passed(RUNNING, f"Nothing else runs in {name}.")


def held(hold: Hold | None, environment: str) -> Check:
    """Do auto deploys stand still here, since a rollback?"""
    name = plain(environment)
    if hold is None:
        return passed(AUTO_DEPLOY, f"Pushes are deployed to {name}.")
    since = f"since {plain(hold.who.login)} rolled it back with #{hold.number}"
    return failed(
        AUTO_DEPLOY,
        f"Auto deploys of {name} stand still {since} ({moment(hold.since)}): deploy "
        "by hand what should run there, or resume auto deploys.",
    )


def superseded(by: int | None) -> Check:
    """Has a newer deployment of the same taken the place of one that waited?"""
    if by is None:
        return passed(SUPERSEDED, "Nothing newer takes its place.")
    return failed(
        SUPERSEDED,
        f"The newer #{by} takes its place: look there. Nothing is to be done here.",
    )


def _taken(held: Held, name: str) -> str:
    who = f"#{held.holder.number} ({called(held.ref)}, "
    who = f"{who}{plain(held.requested_by.login)})"
    what = "has been running in" if held.running else "is before it in line for"
    since = f"since {moment(held.holder.since)}"
    return (
        f"{who} {what} {name} {since}, and deploy.yml lets only one run at a time: "
        "wait for its end, or cancel it."
    )


def _foreign(foreign: Sequence[Foreign], rules: Env, url: str) -> Check:
    who = listed(map(_named, foreign))
    verb = "runs" if len(foreign) == 1 else "run"
    told = f"{who} {verb} in {plain(rules.name)}, made at GitHub and not by Gitploy"
    if rules.foreign == "hold":
        what = "wait for the end, or release the place if nothing is at work there"
        why = "deploy.yml says `foreign: hold`"
        taken = failed(RUNNING, f"{told}: {what}; {why}.", url)
        return waits(taken, (one.ref for one in foreign))
    return warning(RUNNING, f"{told}. This keeps nobody from deploying.", url)


def _named(one: Foreign) -> str:
    by = f"{plain(one.creator.login)}, " if one.creator else ""
    return f"{plain(one.ref)} ({by}since {moment(one.since)})"
