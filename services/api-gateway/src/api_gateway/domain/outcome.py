"""When the tooling has come to an end with a deployment.

What succeeded last is live. A tool that only repeats its success, of a deployment that
another has replaced long since, has brought nothing back; one that has gone to work
again before, has.
"""

from datetime import datetime

from .deployment import Deployment


def ended_at(known: Deployment) -> datetime | None:
    """When it ended; of several successes without other news between, the first."""
    if known.final is None:
        return None
    status = known.final.data
    at = status.created_at
    if status.state != "success":
        return at
    last = (at, status.github_status_id, True)
    before = sorted((word for word in known.words if word <= last), reverse=True)
    for said_at, _, succeeded in before:
        if not succeeded:
            break
        at = said_at
    return at
