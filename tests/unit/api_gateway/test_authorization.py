"""What somebody takes back at GitHub ends what came of it, once or told again."""

from datetime import timedelta
from itertools import permutations

from api_gateway.domain.authorization import Authorization, evolve
from shared.contracts import AuthorizationRevoked
from shared.testing import T0, said

from .examples import ANN
from .world import World


def revoked(nth: int) -> AuthorizationRevoked:
    at = T0 + timedelta(minutes=nth)
    return AuthorizationRevoked(delivery_id=f"d-{nth}", person=ANN, revoked_at=at)


def test_the_last_time_counts_in_every_order() -> None:
    told = [said(revoked(nth)) for nth in (1, 2, 3)]
    for order in permutations(told):
        known = Authorization()
        for message in order:
            known = evolve(known, message)
        assert known.revoked_at == T0 + timedelta(minutes=3)


async def test_access_ends_and_ends_again_after_a_crash() -> None:
    world = World()
    await world.tell(revoked(1))
    await world.tell(revoked(1))
    assert set(world.ended) == {(ANN.id, T0 + timedelta(minutes=1))}
