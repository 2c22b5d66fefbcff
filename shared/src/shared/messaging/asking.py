"""What becomes of a question at the asker's side: the same on every bus."""

import time
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from shared.contracts import QUESTIONS, Answer, Question, Unrecorded
from shared.observability import metrics

from .bus import BusUnavailableError

R = TypeVar("R", bound=Answer)

log = structlog.get_logger()


async def answered(
    question: Question[R], asking: Awaitable[Unrecorded | None]
) -> R | None:
    """Wait for the answer; none if there is none in time, or one to something else."""
    name = type(question).__name__
    started = time.perf_counter()
    outcome = "unavailable"
    try:
        answer = await asking
        outcome = "answered" if _answers(question, answer) else "unanswered"
    except BusUnavailableError as error:
        log.warning("question_unavailable", question=name, reason=str(error))
        raise
    finally:
        metrics.questions_asked.labels(name, outcome).inc()
        metrics.question_seconds.labels(name).observe(time.perf_counter() - started)
    if outcome == "unanswered":
        log.warning("question_unanswered", question=name, subject=question.subject)
        return None
    return answer  # type: ignore[return-value] # the table says what answers it


def _answers(question: Question[R], answer: Unrecorded | None) -> bool:
    return isinstance(answer, QUESTIONS[type(question)].answer)
