"""Does what was given for the dynamic payload fit what is asked for?"""

from shared.contracts import Check
from shared.deploy_yml import Env, payload_problems
from verifier.domain.wanted import Wanted

from .codes import PAYLOAD
from .wording import failed, listed, passed, plain, skipped, warning


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


def payload_to_come(rules: Env, answer: Check) -> Check:
    """The answer while nobody has chosen values yet: what will have to be given."""
    if rules.dynamic_payload is None or answer.state != "failed":
        return answer
    missing = listed(payload_problems(rules.dynamic_payload, {}), " ")
    return warning(
        PAYLOAD,
        f"A deployment to {plain(rules.name)} needs a dynamic payload, and this "
        f"question has none. {missing}",
        answer.url,
    )
