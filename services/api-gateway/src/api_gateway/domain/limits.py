"""How long is waited for what. Settings may say otherwise."""

from dataclasses import dataclass
from datetime import timedelta

#: After so many repeats of one question they become rarer.
OFTEN = 30
RARELY = 10


@dataclass(frozen=True)
class Limits:
    """How long to wait, and for what."""

    #: Between two repeats of what was not answered.
    asking: timedelta = timedelta(seconds=30)
    #: From a request, or a confirmation, to the verifier's answer.
    verdict: timedelta = timedelta(minutes=15)
    #: From a push to it: while GitHub is away, nobody has to push again.
    push: timedelta = timedelta(hours=24)
    #: How often who waits in line asks after the one whose place it waits for.
    queue: timedelta = timedelta(minutes=5)
    #: From GitHub's deployment to the tooling's first status.
    created: timedelta = timedelta(minutes=30)
    #: From one status of the tooling to the next, as long as the `timeout` that was
    #: pinned is not known.
    running: timedelta = timedelta(hours=1)
    #: How long a canceled deployment keeps its place, for the tooling to end it.
    grace: timedelta = timedelta(minutes=5)
    #: How long GitHub's rate limit can put off a question.
    rate_limit: timedelta = timedelta(hours=1)
    #: From a command to the answer.
    command: timedelta = timedelta(minutes=15)
