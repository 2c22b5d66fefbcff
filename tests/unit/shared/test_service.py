"""What a service does while it lives."""

from datetime import timedelta

from shared.messaging import MemoryBus
from shared.service import Service
from shared.store import Store
from shared.testing.questions import A_WHILE, Oracle, a_hint, a_question, answer_to
from shared.testing.waiting import until


async def test_while_it_lives_it_answers_questions_and_hears_hints() -> None:
    bus, oracle = MemoryBus(), Oracle()
    store = Store.open("verifier", "memory://")
    service = Service(
        name="verifier", store=store, bus=bus, subscription={}, hearing=oracle.hearing
    )
    async with service.living():
        assert await bus.ask(a_question(), A_WHILE) == answer_to(a_question())
        await bus.hint(a_hint())
        await until(lambda: oracle.heard == [a_hint()])
    assert await bus.ask(a_question(), timedelta(milliseconds=10)) is None
    store.close()
    await bus.close()
