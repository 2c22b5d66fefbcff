"""`deploy.yml`, as far as it rules what is wanted."""

from dataclasses import dataclass

from shared.deploy_yml import Env, Rules
from verifier import checks
from verifier.checks import NoRules

from .found import Found, Named
from .people import asked_about
from .pinning import rules_of
from .wanted import Wanted


@dataclass(frozen=True)
class Reading:
    """What GitHub has answered, and the rules in it."""

    found: Found
    rules: Rules | NoRules
    #: The environment's rules; for a rollback at least what its target was ruled by.
    env: Env | None
    #: Whether they are those of now.
    current: bool
    #: Whom they name, where that matters: GitHub has to say who they are.
    named: Named

    def line(self, wanted: Wanted, field: str) -> str | None:
        """The address of the line that gives the environment a field."""
        return checks.place(self.found, self.rules, wanted.environment, field)


def read(wanted: Wanted, found: Found) -> Reading:
    """Read the rules. A large file takes a while."""
    target = wanted.rollback_of
    rules = checks.read_rules(found, rollback=target is not None)
    env = rules.envs.get(wanted.environment) if isinstance(rules, Rules) else None
    current = env is not None
    if env is None and target:
        env = rules_of(target.config)
    named = asked_about(env, wanted) if env else Named()
    return Reading(found, rules, env, current, named)
