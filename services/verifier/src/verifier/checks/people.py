"""May this person deploy there?"""

from shared.contracts import Check, Person
from shared.deploy_yml import Env
from verifier.domain.found import People
from verifier.domain.people import hidden, is_named

from .codes import DEPLOYERS
from .wording import failed, listed, passed, plain, skipped


def deployers(
    rules: Env | None, requester: Person, people: People, url: str | None = None
) -> Check:
    """Is the requester one of those who may deploy there?"""
    if rules is None:
        return skipped(DEPLOYERS, "there are no rules for this environment")
    name, who = plain(rules.name), plain(requester.login)
    if not rules.deployers:
        return skipped(DEPLOYERS, f"deploy.yml lets everybody deploy to {name}")
    if is_named(requester, rules.deployers, people):
        return passed(DEPLOYERS, f"{who} is one of the deployers of {name}.", url)
    others = listed(map(plain, rules.deployers))
    unseen = listed(hidden(rules.deployers, people))
    hint = (
        f" GitHub shows no team {unseen} to our token, which needs to read members of "
        "the organization."
        if unseen
        else ""
    )
    return failed(
        DEPLOYERS,
        f"{who} may not deploy to {name}: deploy.yml names its deployers: {others}. "
        f"Ask one of them.{hint}",
        url,
    )
