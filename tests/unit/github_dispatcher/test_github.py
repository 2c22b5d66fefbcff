"""What GitHub's answers mean, what is sent to it, and how fast."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from github_dispatcher.domain.answers import NotNow, Refusal, Unclear
from github_dispatcher.github import GitHubWriter
from github_dispatcher.github.body import body_of
from github_dispatcher.github.failures import answering
from github_dispatcher.github.outcomes import answer
from github_dispatcher.github.pace import PacedWrites
from github_dispatcher.github.repositories import Repositories
from github_dispatcher.ports import NoAnswerError, OutOfReachError, RepositoryGoneError
from shared.contracts import (
    Override,
    PinnedConfig,
    Ref,
    RefVerified,
    RollbackTarget,
)
from shared.github import (
    Ambiguous,
    AutoMerged,
    BadCredentials,
    ChecksFailed,
    Created,
    CreateOutcome,
    Deployment,
    Forbidden,
    GitHubClient,
    GitHubForbidden,
    GitHubNotFound,
    GitHubUnauthorized,
    Invalid,
    MergeConflict,
    NotFound,
    RateLimited,
    Redirected,
    RefNotFound,
    UnmarkablePayload,
    Unreachable,
    find_marker,
)
from shared.github import Repository as GitHubRepository
from shared.testing import T0, FakeClock

from .examples import ID, REPOSITORY, SHA, at_github, order, seconds

TARGET = RollbackTarget(deployment_id=uuid4(), number=1, sha=SHA, config=order().config)


def with_payload(payload: object) -> RefVerified:
    config = PinnedConfig.model_validate(
        {
            "commit": "b" * 40,
            "digest": "c" * 64,
            "environment": "production",
            "payload": payload,
        }
    )
    return order(config=config)


def test_nothing_is_left_to_github() -> None:
    body = body_of(order())
    assert body["ref"] == SHA
    assert body["auto_merge"] is False
    assert body["required_contexts"] == []
    assert body["transient_environment"] is False
    assert body["payload"]["gitploy"]["deployment_id"] == str(ID)


def by_name(**changes: Any) -> RefVerified:
    config = order().config.model_copy(update={"ref_at_github": "name"})
    return order(config=config, **changes)


def test_the_name_is_sent_only_where_it_is_wanted_and_means_the_commit() -> None:
    assert body_of(by_name())["ref"] == "main"
    assert body_of(by_name(rollback_of=TARGET))["ref"] == SHA
    assert body_of(by_name(ref=Ref(type="commit", name="a" * 7)))["ref"] == SHA


def test_the_tool_is_told_of_a_rollback_and_where_people_see_it() -> None:
    marker = body_of(order(rollback_of=TARGET), "https://git.ploy")["payload"][
        "gitploy"
    ]
    assert marker["is_rollback"]
    assert marker["url"] == "https://git.ploy/octo/shop/deployments/1"
    plain = body_of(order())["payload"]["gitploy"]
    assert not plain["is_rollback"]
    assert "url" not in plain


@pytest.mark.parametrize(
    ("description", "reason", "sent"),
    [
        ("", "Hotfix.", "Overrides frozen, locked: Hotfix."),
        ("The shop", "Hot\n\tfix.", "Overrides frozen, locked: Hot fix. | The shop"),
        ("d" * 200, "Hotfix.", "Overrides frozen, locked: Hotfix. | ddd"),
        ("The shop", "r" * 500, "Overrides frozen, locked: rrr"),
    ],
)
@pytest.mark.parametrize("payload", [None, "raw"])
def test_what_was_passed_over_stands_in_the_description_and_fits(
    payload: object, description: str, reason: str, sent: str
) -> None:
    override = Override(checks=("frozen", "locked"), reason=reason)
    config = with_payload(payload).config.model_copy(
        update={"description": description}
    )
    body = body_of(order(config=config, override=override))
    assert body["description"].startswith(sent)
    assert len(body["description"]) <= 140
    assert find_marker(body["payload"], body["description"]) == ID


def test_a_payload_that_github_does_not_take_is_not_sent() -> None:
    with pytest.raises(UnmarkablePayload, match=r"change `payload` in deploy.yml"):
        body_of(with_payload([1, 2]))


def test_the_created_deployment_is_known_by_its_marker() -> None:
    payload = body_of(order())["payload"]
    made = Deployment(
        id=42,
        sha=SHA,
        environment="production",
        task="deploy",
        payload=payload,
        url="https://api.github.com/deployments/42",
    )
    assert answer(Created(made)) == at_github()


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (RefNotFound("No ref found for: x"), "ref_not_found"),
        (Invalid("Validation Failed"), "invalid"),
        (Forbidden("Resource not accessible by integration"), "forbidden"),
        (NotFound(), "repository_gone"),
        (MergeConflict("Conflict"), "conflict"),
        (ChecksFailed((), "Conflict"), "conflict"),
        (AutoMerged("Auto-merged"), "merged_instead"),
    ],
)
def test_a_clear_no_is_final_and_says_what_to_do(
    outcome: CreateOutcome, code: str
) -> None:
    refusal = answer(outcome)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert ": " in refusal.message
    assert refusal.message.endswith(".")


def test_what_github_says_of_each_field_is_passed_on() -> None:
    outcome = Invalid("Validation Failed", ({"message": "Name is too long"},))
    refusal = answer(outcome)
    assert isinstance(refusal, Refusal)
    assert "Validation Failed; Name is too long" in refusal.message


def test_the_right_that_is_missing_is_named() -> None:
    refusal = answer(Forbidden("No.", needed="deployments=write"))
    assert isinstance(refusal, Refusal)
    assert "deployments=write" in refusal.message


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (RateLimited(T0), "rate_limited"),
        (Unreachable("connection refused"), "unreachable"),
        (BadCredentials(), "bad_credentials"),
        (Redirected("https://api.github.com/repositories/7"), "redirected"),
    ],
)
def test_what_may_work_another_time_is_tried_again(
    outcome: CreateOutcome, word: str
) -> None:
    later = answer(outcome)
    assert isinstance(later, NotNow)
    assert later.outcome == word


class Hiding(GitHubClient):
    """A GitHub that shows a repository, or not even that, but no deployments."""

    def __init__(self, *, repository: bool) -> None:
        self.repository = repository

    async def _pages(self) -> AsyncIterator[Deployment]:
        raise GitHubNotFound("Not Found")
        yield

    def list_deployments(self, *_: object, **__: object) -> AsyncIterator[Deployment]:
        return self._pages()

    async def get_repository(self, repo: int | str) -> GitHubRepository:
        if not self.repository:
            raise GitHubNotFound("Not Found")
        return GitHubRepository(id=7, full_name="octo/shop")


def writer(client: GitHubClient) -> GitHubWriter:
    return GitHubWriter(
        client,
        PacedWrites(clock=FakeClock()),
        hooks_url="",
        webhook_secret=SecretStr("s"),
        public_url="",
        clock=FakeClock(),
    )


async def test_a_list_that_is_not_there_does_not_say_that_nothing_was_made() -> None:
    with pytest.raises(NoAnswerError, match="does not show its deployments"):
        await writer(Hiding(repository=True)).find(order())
    with pytest.raises(RepositoryGoneError):
        await writer(Hiding(repository=False)).find(order())


def test_what_tells_nothing_is_unclear() -> None:
    assert answer(Ambiguous("502")) == Unclear("502")


def test_a_write_that_was_set_aside_is_not_taken_by_others() -> None:
    clock = FakeClock()
    pace = PacedWrites(per_minute=60, burst=2, clock=clock)
    assert pace.reserve() is None
    assert pace.reserve() is None
    assert pace.reserve() == T0 + seconds(1)
    assert pace.take() is None
    assert pace.take() is None
    assert pace.take() == RateLimited(T0 + seconds(1))


def test_a_write_that_was_given_back_can_be_had_again() -> None:
    pace = PacedWrites(per_minute=60, burst=1, clock=FakeClock())
    assert pace.reserve() is None
    pace.release()
    assert pace.reserve() is None


def test_a_pause_holds_for_what_was_set_aside() -> None:
    pace = PacedWrites(clock=FakeClock())
    pace.reserve()
    pause = T0 + timedelta(minutes=5)
    pace.pause(pause)
    assert pace.take() == RateLimited(pause)
    assert pace.reserve() == pause


def test_a_door_that_is_closed_is_told_from_one_that_nobody_opens() -> None:
    with pytest.raises(OutOfReachError), answering(REPOSITORY, FakeClock()):
        raise GitHubForbidden("Resource not accessible")
    with pytest.raises(NoAnswerError) as error, answering(REPOSITORY, FakeClock()):
        raise GitHubUnauthorized("Bad credentials")
    assert not isinstance(error.value, OutOfReachError)


class Renamed(GitHubClient):
    """GitHub, where the repository has another name by now."""

    def __init__(self) -> None:
        """It needs no connection."""

    async def get_repository(self, repo: str | int) -> GitHubRepository:
        return GitHubRepository(id=int(repo), full_name="octo/market")


@pytest.mark.parametrize(
    ("age_s", "name"),
    [(0, "octo/shop"), (60, "octo/shop"), (61, "octo/market"), (-61, "octo/market")],
)
async def test_a_name_is_taken_to_be_right_for_a_minute_by_whatever_clock(
    age_s: int, name: str
) -> None:
    places = Repositories()
    places.client, places.clock = Renamed(), lambda: T0
    located = await places.locate(REPOSITORY, T0 - timedelta(seconds=age_s))
    assert located.full_name == name
