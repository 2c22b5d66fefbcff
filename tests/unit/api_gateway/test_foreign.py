"""What somebody else made at GitHub: how it stands, and what its silence leads to."""

from datetime import datetime
from uuid import UUID

from hypothesis import given as drawn
from hypothesis import strategies as st

from api_gateway.domain.again import Terms, promotion_of
from api_gateway.domain.deadlines import Due, Limits, Step, due, passed, question
from api_gateway.domain.decisions import (
    canceled_by,
    given_time,
    occupies,
    released_by,
)
from api_gateway.domain.deployment import Deployment
from api_gateway.domain.facts import DeploymentFact, SilenceNoticed, TimeoutNamed
from api_gateway.domain.requests import Wanted
from api_gateway.read_model.deployments import deployment_row
from shared.contracts import (
    DeploymentSynced,
    ForeignDeploymentSeen,
    GitHubDeploymentGone,
    Message,
    Person,
    SlotReleaseRequested,
    StatusUpdated,
    SyncRequested,
)
from shared.testing import T0, said

from .examples import ANN, REPO, SHA, after, fold

LIMITS = Limits()
THEIRS, SYNC = UUID(int=401), UUID(int=402)
BOT = Person(id=44, login="github-actions[bot]")


def seen(ref: str = "main", creator: Person | None = BOT) -> ForeignDeploymentSeen:
    return ForeignDeploymentSeen(
        deployment_id=THEIRS,
        repository=REPO,
        github_deployment_id=77,
        environment="production",
        ref=ref,
        sha=SHA,
        creator=creator,
        created_at=T0,
        workflow_run=5,
    )


def told(n: int, state: str, minute: int = 0) -> StatusUpdated:
    return StatusUpdated(
        deployment_id=THEIRS,
        repository=REPO,
        github_deployment_id=77,
        github_status_id=n,
        state=state,
        created_at=after(minutes=minute),
        foreign=True,
    )


def at(*facts: tuple[DeploymentFact, datetime]) -> Deployment:
    return fold([said(f, time=t, id=f"m{n}") for n, (f, t) in enumerate(facts)])


def answered(newest: int | None) -> DeploymentSynced:
    return DeploymentSynced(
        deployment_id=THEIRS,
        sync_id=SYNC,
        github_deployment_id=77,
        newest_github_status_id=newest,
    )


GONE = GitHubDeploymentGone(
    deployment_id=THEIRS, repository=REPO, github_deployment_id=77
)
ALL: list[Message[DeploymentFact]] = [
    said(fact, time=after(minutes=n), id=f"m{n}")
    for n, fact in enumerate(
        list[DeploymentFact](
            [
                seen(),
                told(1, "in_progress"),
                told(2, "success", 1),
                answered(2),
                GONE,
                SyncRequested(
                    sync_id=SYNC,
                    deployment_id=THEIRS,
                    repository=REPO,
                    github_deployment_id=77,
                ),
                SilenceNoticed(
                    sync_id=SYNC, at=after(hours=1), newest_github_status_id=0
                ),
                TimeoutNamed(timeout_s=1200),
            ]
        )
    )
]


@drawn(st.lists(st.sampled_from(ALL), max_size=12), st.data())
def test_every_order_and_duplication_gives_one_row(
    messages: list[Message[DeploymentFact]], data: st.DataObject
) -> None:
    one = fold(messages)
    other = fold(data.draw(st.permutations([*messages, *messages[:4]])))
    assert other == one
    assert deployment_row(other, LIMITS) == deployment_row(one, LIMITS)


def test_it_stands_where_githubs_statuses_say() -> None:
    assert at((seen(), T0)).phase == "created"
    assert at((seen(), T0), (told(1, "queued"), T0)).phase == "queued"
    assert at((seen(), T0), (told(1, "in_progress"), T0)).phase == "running"
    assert at((seen(), T0), (told(1, "failure"), T0)).phase == "failure"
    assert at((seen(), T0), (GONE, T0)).phase == "gone"


def test_its_row_is_like_ours_without_a_number() -> None:
    row = deployment_row(at((seen(), T0), (told(1, "success"), T0)), LIMITS)
    assert row
    assert (row["number"], row["foreign"], row["uid"]) == (None, True, 77)
    document = row["document"]
    assert (document["type"], document["ref"]) == ("branch", "main")
    assert (document["user_id"], document["status"]) == (44, "success")
    assert (document["foreign"], document["checks"]) == (True, [])


def test_who_made_it_may_be_forgotten_and_a_commit_is_one() -> None:
    row = deployment_row(at((seen(SHA, None), T0)), LIMITS)
    assert row
    assert (row["document"]["type"], row["document"]["user_id"]) == ("commit", 0)


def test_a_status_alone_makes_no_row() -> None:
    assert deployment_row(at((told(1, "success"), T0)), LIMITS) is None


def test_after_a_silence_github_is_asked_and_then_it_holds_nobody() -> None:
    known = at((seen(), T0), (told(1, "in_progress"), after(minutes=5)))
    assert due(known, LIMITS) == Due(after(hours=1, minutes=5), Step.SYNC)
    now = after(hours=1, minutes=5)
    sync, silence = passed(known, now, LIMITS, SYNC)
    assert isinstance(sync, SyncRequested)
    assert (sync.deployment_id, sync.github_deployment_id) == (THEIRS, 77)
    asking = (
        (seen(), T0),
        (told(1, "in_progress"), after(minutes=5)),
        (sync, now),
        (silence, now),
    )
    known = at(*asking)
    assert due(known, LIMITS) == Due(after(hours=1, minutes=5.5), Step.ASK_AGAIN)
    assert question(known)
    known = at(*asking, (answered(1), now))
    [release] = passed(known, now, LIMITS, SYNC)
    assert isinstance(release, SlotReleaseRequested)
    assert (release.cause, release.environment) == ("foreign", "production")
    known = at(*asking, (answered(1), now), (release, now))
    assert due(known, LIMITS) is None


def test_it_may_be_silent_as_long_as_the_rules_say_of_whoever_waits() -> None:
    told_ = (seen(), T0), (told(1, "in_progress"), after(minutes=5))
    [named] = given_time(at(*told_), 1200)
    known = at(*told_, (named, after(minutes=6)))
    assert due(known, LIMITS) == Due(after(minutes=25), Step.SYNC)
    assert given_time(known, 1200) == []
    # A rule that was changed since counts, and so does one that comes first.
    longer = TimeoutNamed(timeout_s=10800)
    known = fold(
        said(f, time=T0, revision=n, id=f"m{n}")
        for n, f in list[tuple[int, DeploymentFact]](
            [(4, longer), (1, seen()), (3, named)]
        )
    )
    assert due(known, LIMITS) == Due(after(hours=3), Step.SYNC)


def test_news_end_the_silence() -> None:
    now = after(hours=1)
    known = at((seen(), T0))
    sync, silence = passed(known, now, LIMITS, SYNC)
    known = at(
        (seen(), T0),
        (sync, now),
        (silence, now),
        (told(9, "in_progress"), now),
        (answered(9), now),
    )
    assert due(known, LIMITS) == Due(after(hours=2), Step.SYNC)


def test_what_has_ended_is_not_asked_about() -> None:
    for end in (told(1, "success"), told(1, "error"), GONE):
        assert due(at((seen(), T0), (end, T0)), LIMITS) is None


def test_nobody_cancels_it_but_an_operator_gives_its_place_away() -> None:
    known = at((seen(), T0), (told(1, "in_progress"), T0))
    assert not canceled_by(known, ANN, "mine")
    assert occupies(known)
    [release] = released_by(known, ANN, "It is stuck.")
    assert (release.cause, release.who) == ("operator", ANN)


def test_its_commit_can_be_promoted() -> None:
    known = at((seen(), T0), (told(1, "success"), T0))
    wanted = promotion_of(known, "eu", Terms())
    assert isinstance(wanted, Wanted)
    assert wanted.expected_sha == SHA
