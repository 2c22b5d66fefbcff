"""What hangs on the moment: successes elsewhere, and windows without deployments."""

from collections.abc import Mapping
from datetime import datetime

from shared.contracts import Check
from shared.deploy_yml import Env

from .codes import FROZEN, NEEDS
from .wording import skipped


def needs(
    rules: Env | None,
    sha: str | None,
    succeeded: Mapping[str, Mapping[str, datetime]],
    now: datetime,
) -> Check:
    """Has this very commit succeeded where it has to, and long enough ago?

    `succeeded` says when which commit last succeeded, by environment.
    """
    return skipped(NEEDS, "deploy.yml needs no other environment first")


def frozen(rules: Env | None, now: datetime) -> Check:
    """Is this a time at which deployments are allowed?"""
    return skipped(FROZEN, "deploy.yml has no frozen windows here")
