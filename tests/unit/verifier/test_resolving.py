"""How often GitHub is asked, and about whom."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.contracts import VERIFIER, Override, Person, Repository
from shared.store import Store
from shared.testing import FakeClock
from tests.unit.verifier.examples import (
    FORMER,
    MAIN,
    REPOSITORY,
    SHA,
    FakeGitHub,
    found,
    request,
    rollback,
)
from verifier.application import Verifier
from verifier.domain.found import Named, People, Standing
from verifier.ports import NoAnswerError

BOB = Person(id=2, login="bob")


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(VERIFIER, "memory://", clock=FakeClock())
    yield opened
    opened.close()


@pytest.fixture
def github() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
async def verifier(store: Store, github: FakeGitHub) -> Verifier:
    return Verifier(store, github, timedelta(minutes=15))


async def test_rules_that_name_nobody_need_one_question(
    verifier: Verifier, github: FakeGitHub
) -> None:
    resolved = await verifier.resolved(request())
    assert (github.looks, github.named) == (1, [])
    assert resolved.sha == SHA


async def test_people_are_asked_about_in_the_repository_as_it_is_called_now(
    verifier: Verifier, github: FakeGitHub
) -> None:
    text = "envs: [{name: production, review: {enabled: true, reviewers: [bob]}}]"
    renamed = Repository(id=REPOSITORY.id, full_name="octo/new-shop")
    github.answer = found(text=text, repository=renamed)
    github.known = People({"bob": Standing(BOB, "read")})
    resolved = await verifier.resolved(request())
    assert github.named == [Named(frozenset({"bob"}))]
    assert github.people_of == [renamed]
    assert resolved.reviewers == (BOB,)


async def test_who_tries_to_override_is_looked_up(
    verifier: Verifier, github: FakeGitHub
) -> None:
    override = Override(checks=("locked",), reason="It burns.")
    await verifier.resolved(request(override=override))
    assert github.named == [Named(frozenset({"ann"}))]


@pytest.mark.parametrize(
    ("source", "sha"), [("push", SHA), ("api", None), ("promotion", None)]
)
async def test_a_push_asks_for_its_commit(
    verifier: Verifier, github: FakeGitHub, source: str, sha: str | None
) -> None:
    await verifier.resolved(request(source=source, expected_sha=SHA))
    assert github.asked == [(MAIN, sha, "deploy.yml")]


async def test_a_rollback_asks_for_the_commit_of_its_target(
    verifier: Verifier, github: FakeGitHub
) -> None:
    await verifier.resolved(rollback(), "ops/deploy.yml")
    assert github.asked == [(MAIN, FORMER, "ops/deploy.yml")]


async def test_without_a_repository_nobody_is_asked_about(
    verifier: Verifier, github: FakeGitHub
) -> None:
    github.answer = None
    assert (await verifier.resolved(request())).sha is None
    assert github.named == []


async def test_without_an_answer_nothing_is_resolved(
    verifier: Verifier, github: FakeGitHub
) -> None:
    github.trouble = NoAnswerError("down")
    with pytest.raises(NoAnswerError):
        await verifier.resolved(request())
