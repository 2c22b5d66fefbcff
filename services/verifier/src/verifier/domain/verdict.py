"""The verdict on a deployment, which is also the decision about its place.

Both are decided on both streams at once and committed together, so there is never a
place without a verdict, and of two deployments for one place exactly one gets it: the
other's commit fails at the environment's stream, and is decided again.

A deployment goes through three stages, and in each it may be refused:

    checks ──▶ review ──▶ slot ──▶ verified

All checks are answered in each. One that refuses, and for which it can't wait, ends it.
While it waits for checks, for people or in line, everything else may come and go
unseen; it counts when its turn has come.
"""

from functools import reduce

from shared.contracts import Check
from verifier import checks

from .case import Case, Moment
from .conclusion import (
    Conclusion,
    confirmation_refused,
    rejected,
    verified,
    waits_for_checks,
    waits_for_review,
    waits_in_line,
)
from .environment import CommitFinished, Environment, begin_foreign, end
from .verification import Sent, Verification, file, learn

NOTHING = Conclusion()


def conclude(known: Verification, place: Environment, moment: Moment) -> Conclusion:
    """What follows from all that is known. A verdict is said once, and binds."""
    if known.foreign or known.freed:
        return _followed(known, place)
    if not known.open(moment.now):
        return NOTHING
    news = Conclusion(learn(known, moment.news))
    known = reduce(file, news.said, known)
    if not known.request or not known.resolved:
        return news
    case = Case(known, place, known.request, known.resolved, moment)
    return news.then(_decide(case))


def _decide(case: Case) -> Conclusion:
    answers = case.answers(case.known.sent)
    for answer in answers:
        if answer.code == checks.SUPERSEDED and checks.refuses(answer):
            return rejected(case, answers, answer)
    match case.stage:
        case "checks":
            return _checked(case, answers)
        case "review":
            return _reviewed(case)
        case "slot":
            return _in_line(case, answers)


def _checked(case: Case, answers: tuple[Check, ...]) -> Conclusion:
    """It goes on to what has to be waited for first, if all else passes."""
    open_ = {c.code for c in answers if checks.refuses(c) and case.waits(c)}
    if checks.COMMIT_CHECKS in open_ and case.known.checks_pending:
        return NOTHING
    if reason := case.reason(answers):
        return rejected(case, answers, reason)
    if checks.COMMIT_CHECKS in open_:
        return waits_for_checks(case, answers)
    if checks.REVIEW in open_:
        asked = waits_for_review(case, answers)
        return asked.then(_reviewed(case.after(asked.said)))
    return _placed(case, answers)


def _reviewed(case: Case) -> Conclusion:
    """Each confirmation is answered; the first that is good sends it on."""
    refusals = NOTHING
    for sent in case.to_answer:
        answers = case.answers_to(sent)
        reason = case.reason(answers)
        if reason is None:
            return refusals.then(_placed(case, answers, sent))
        refused = confirmation_refused(answers, reason, sent.confirmation)
        refusals = refusals.then(refused)
    return refusals


def _in_line(case: Case, answers: tuple[Check, ...]) -> Conclusion:
    """When its turn has come, all that may have changed counts again."""
    if _is_taken(answers):
        return NOTHING
    if reason := case.reason(answers):
        return rejected(case, answers, reason)
    return verified(case, answers, case.known.sent)


def _placed(
    case: Case, answers: tuple[Check, ...], sent: Sent | None = None
) -> Conclusion:
    """Nothing but the place may be missing any more."""
    if _is_taken(answers):
        return waits_in_line(case, answers, sent)
    return verified(case, answers, sent)


def _is_taken(answers: tuple[Check, ...]) -> bool:
    return any(c.code == checks.RUNNING and checks.refuses(c) for c in answers)


def _followed(known: Verification, place: Environment) -> Conclusion:
    """What needs no verdict: it has ended, or somebody else has made it."""
    if known.id is None:
        return NOTHING
    theirs = known.foreign
    if theirs and not known.freed:
        return Conclusion(places=begin_foreign(place, theirs))
    return Conclusion(places=end(place, known.id, _finished(known)))


def _finished(known: Verification) -> CommitFinished | None:
    """How the tooling has come to an end with which commit."""
    status, sha = known.final, known.sha
    if status is None or sha is None:
        return None
    return CommitFinished(
        deployment_id=status.deployment_id,
        sha=sha,
        succeeded=status.state == "success",
        finished_at=status.created_at,
        github_status_id=status.github_status_id,
    )
