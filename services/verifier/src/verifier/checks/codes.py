"""Every check by its code, in the order in which they are told.

The first one that fails names the refusal, so what concerns the whole comes before
what concerns the moment: who may not deploy at all need not wait for a lock to end.
"""

from typing import Final

CONFIG: Final = "config"
ENVIRONMENT: Final = "environment"
REF: Final = "ref"
DEPLOYERS: Final = "deployers"
DEPLOYABLE_REF: Final = "deployable_ref"
UP_TO_DATE: Final = "up_to_date"
COMMIT_CHECKS: Final = "commit_checks"
NEEDS: Final = "needs"
FROZEN: Final = "frozen"
LOCKED: Final = "locked"
RUNNING: Final = "running"
PAYLOAD: Final = "payload"
REVIEW: Final = "review"
#: These two are told of auto deploys only.
AUTO_DEPLOY: Final = "auto_deploy"
SUPERSEDED: Final = "superseded"

ORDER: Final = (
    CONFIG,
    ENVIRONMENT,
    REF,
    DEPLOYERS,
    DEPLOYABLE_REF,
    UP_TO_DATE,
    COMMIT_CHECKS,
    NEEDS,
    FROZEN,
    LOCKED,
    RUNNING,
    PAYLOAD,
    REVIEW,
    AUTO_DEPLOY,
    SUPERSEDED,
)

#: What GitHub's word alone decides.
AT_GITHUB: Final = (
    CONFIG,
    ENVIRONMENT,
    REF,
    DEPLOYERS,
    DEPLOYABLE_REF,
    UP_TO_DATE,
    COMMIT_CHECKS,
    PAYLOAD,
)

#: What an overrider may pass over. `review` only where its rule says so.
OVERRIDABLE: Final = frozenset(
    {UP_TO_DATE, COMMIT_CHECKS, NEEDS, FROZEN, LOCKED, RUNNING}
)
