"""Does what was given for the dynamic payload fit what is asked for?"""

from shared.contracts import Check
from shared.deploy_yml import Env, payload_problems
from verifier.domain.wanted import Wanted

from .codes import PAYLOAD
from .wording import failed, listed, passed, plain, skipped


def payload(rules: Env | None, wanted: Wanted, url: str | None = None) -> Check:
    """Are the values valid that somebody gave for this deployment?"""
    if rules is None:
        return skipped(PAYLOAD, "there are no rules for this environment")
    if wanted.rollback_of:
        number = wanted.rollback_of.number
        return skipped(PAYLOAD, f"a rollback takes over the payload of #{number}")
    name, given = plain(rules.name), wanted.dynamic_payload or {}
    dynamic = rules.dynamic_payload
    if dynamic is None or not dynamic.enabled:
        if not given:
            return skipped(PAYLOAD, f"{name} has no dynamic payload")
        what = f"deploy.yml has no `dynamic_payload` for {name}, and one was given"
        return failed(PAYLOAD, f"{what}: leave it out, or define its inputs.", url)
    problems = payload_problems(dynamic, given)
    if not problems:
        return passed(PAYLOAD, "The dynamic payload is valid.", url)
    return failed(
        PAYLOAD, f"The dynamic payload is not valid. {listed(problems, ' ')}", url
    )
