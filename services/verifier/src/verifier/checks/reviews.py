"""Have those who are asked agreed?"""

from collections.abc import Sequence

from shared.contracts import Approval, Check, Person
from shared.deploy_yml import Env
from verifier.domain.people import Reviewers, needs_review
from verifier.domain.wanted import Wanted

from .codes import REVIEW
from .wording import failed, listed, passed, pending, plain, skipped, waits, warning


def review(
    rules: Env | None,
    reviewers: Sequence[Person],
    approvals: Sequence[Approval],
    requester: Person,
    *,
    missing: Sequence[str],
    waived: bool,
) -> Check:
    """Are there enough approvals? Nobody approves what they asked for themselves.

    `missing` says who is named in deploy.yml and can't be asked, and why; `waived`,
    that this goes back to what was approved before.
    """
    if rules is None:
        return skipped(REVIEW, "there are no rules for this environment")
    if not rules.review.enabled:
        return skipped(REVIEW, f"{plain(rules.name)} needs no review")
    if waived:
        return skipped(REVIEW, "a rollback to a commit that was approved here before")
    given = {a.reviewer.id for a in approvals}
    agreed = [p for p in reviewers if p.id in given and p.id != requester.id]
    others = [p for p in reviewers if p not in agreed and p.id != requester.id]
    required = rules.review.required
    unasked = f" Can't be asked: {listed(missing, '; ')}." if missing else ""
    count = f"{min(len(agreed), required)} of {_approvals(required)}"
    if len(agreed) >= required:
        told = f"{count}: {_logins(agreed)}.{unasked}"
        return warning(REVIEW, told) if missing else passed(REVIEW, told)
    so_far = f" ({_logins(agreed)})" if agreed else ""
    waiting = f"Waits for {_logins(others)}" if others else "Nobody else is asked"
    told = f"{count}{so_far}. {waiting}.{unasked}"
    return waits(pending(REVIEW, told), (person.login for person in others))


def dead_end(rules: Env, reviewers: Reviewers, wanted: Wanted) -> str | None:
    """Why the approvals that are asked for can never be given, if so."""
    required, can = rules.review.required, len(reviewers.asked)
    if not needs_review(rules, wanted) or can >= required:
        return None
    who = f"only {_logins(reviewers.asked)} can" if can else "nobody can"
    requester = plain(wanted.requested_by.login)
    alone = f"{requester} asks for the deployment, and can't approve it, too"
    why = listed([*map(plain, reviewers.missing), alone], "; ")
    return (
        f"deploy.yml asks for {_approvals(required)} in {plain(rules.name)}, and {who} "
        f"give one: {why}. Name more people in `review.reviewers`."
    )


def other_commit(shown: str, sha: str) -> Check:
    """The answer to approvals of something else than what would be deployed."""
    what = f"{sha[:7]} under other rules" if shown == sha else shown[:7]
    return failed(
        REVIEW,
        f"The approvals are for {what}, and not for {sha[:7]} under the rules that it "
        "was verified by: look at the deployment again, and approve that.",
    )


def _approvals(count: int) -> str:
    return "1 approval" if count == 1 else f"{count} approvals"


def _logins(people: Sequence[Person]) -> str:
    return listed(plain(person.login) for person in people)
