"""The streams of the verifier, and what it asks the world."""

from datetime import timedelta

from shared.store import Store, Streams
from verifier.domain import environment, verification
from verifier.domain.environment import Environment, EnvironmentFact
from verifier.domain.verification import Verification, VerificationFact
from verifier.ports import GitHub


class Kept:
    """What every part of the application works on."""

    def __init__(self, store: Store, github: GitHub, verdict_holds: timedelta) -> None:
        self.verifications = Streams[Verification, VerificationFact](
            store, Verification(), verification.evolve
        )
        self.environments = Streams[Environment, EnvironmentFact](
            store, Environment(), environment.evolve
        )
        self.store = store
        self.clock = store.clock
        self.github = github
        self.verdict_holds = verdict_holds
