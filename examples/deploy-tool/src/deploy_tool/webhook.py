"""GitHub's `deployment` webhook: is it genuine, and what does it ask for? No I/O."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

#: No deployment keeps others waiting for longer, whatever its payload says.
LONGEST_STEP_S: Final = 600


class MalformedError(ValueError):
    """A body that isn't a deployment; the text names the field."""


@dataclass(frozen=True)
class Deployment:
    id: int
    sha: str
    environment: str
    #: The payload says `{"fail": true}`: a way to see a failure on purpose.
    told_to_fail: bool
    #: The payload says `{"step_seconds": 3}`: a way to see others wait in line.
    step_s: float | None = None


def is_genuine(body: bytes, signature: str, secret: str) -> bool:
    """Whether `X-Hub-Signature-256` was made from these bytes with our secret."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # As the bytes that came: a header that isn't text is a wrong one, not an error.
    given = signature.encode(errors="surrogateescape")
    return hmac.compare_digest(f"sha256={digest}".encode(), given)


def parse(body: bytes) -> Deployment:
    """Read the deployment; raise MalformedError when there is none."""
    try:
        told = json.loads(body)["deployment"]
        payload = told["payload"]
        deployment = Deployment(
            id=told["id"],
            sha=told["sha"],
            environment=told["environment"],
            told_to_fail=is_told_to_fail(payload),
            step_s=told_step(payload),
        )
    except ValueError as error:
        raise MalformedError(f"the body is no JSON: {error}") from error
    except KeyError as error:
        raise MalformedError(f"the body lacks the field {error}") from error
    except TypeError as error:
        raise MalformedError("the body or its `deployment` is no object") from error
    return checked(deployment)


def checked(deployment: Deployment) -> Deployment:
    for field, kind in (("id", int), ("sha", str), ("environment", str)):
        if type(getattr(deployment, field)) is not kind:
            raise MalformedError(f"`deployment.{field}` is no {kind.__name__}")
    return deployment


def is_told_to_fail(payload: Any) -> bool:
    return isinstance(payload, dict) and payload.get("fail") is True


def told_step(payload: Any) -> float | None:
    """How long each step shall take; None: as long as those of others."""
    told = payload.get("step_seconds") if isinstance(payload, dict) else None
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if 0 <= told <= LONGEST_STEP_S else None
