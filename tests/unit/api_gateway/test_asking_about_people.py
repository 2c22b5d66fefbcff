"""Why GitHub gives no answer about somebody, in the words of the ports."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from api_gateway.github import GitHubAccounts
from api_gateway.ports import (
    GitHubAwayError,
    PersonLimitedError,
    TokenRefusedError,
    TokenTooWeakError,
)
from shared.github import (
    GitHubError,
    GitHubForbidden,
    GitHubNotFound,
    GitHubRateLimited,
    GitHubRejected,
    GitHubUnauthorized,
    GitHubUnavailable,
)

AT = datetime(2030, 1, 1, 12, 30, tzinfo=UTC)
LIMITED = GitHubRateLimited(AT)
FORBIDDEN = GitHubForbidden("Not accessible", "members=read")
OF_SOMEBODY = ("profile", "organizations", "repositories")


class Failing:
    """GitHub, of which nothing but this is to be had."""

    def __init__(self, error: GitHubError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        async def fail(*_: Any) -> Any:
            raise self._error

        return fail


def asked_of(error: GitHubError) -> GitHubAccounts:
    failing = cast("Any", Failing(error))
    return GitHubAccounts(failing, failing, failing, [])


async def ask(name: str, error: GitHubError) -> Any:
    about = () if name in OF_SOMEBODY else (7,)
    return await getattr(asked_of(error), name)("token", *about)


@pytest.mark.parametrize("name", [*OF_SOMEBODY, "repository"])
@pytest.mark.parametrize(
    ("error", "told", "why"),
    [
        (LIMITED, PersonLimitedError, "in your name until 12:30:00 UTC, because"),
        (GitHubUnavailable("502"), GitHubAwayError, "502"),
        (GitHubRejected("sent on"), GitHubAwayError, "sent on"),
        (GitHubUnauthorized("bad"), TokenRefusedError, "does not take the token"),
    ],
)
async def test_why_there_is_no_answer(
    name: str, error: GitHubError, told: type[Exception], why: str
) -> None:
    with pytest.raises(told, match=why) as raised:
        await ask(name, error)
    assert type(raised.value) is told
    if isinstance(raised.value, TokenRefusedError):
        assert not raised.value.own


@pytest.mark.parametrize("name", OF_SOMEBODY)
async def test_what_a_token_may_not_ask_about_its_person_is_said(name: str) -> None:
    with pytest.raises(TokenTooWeakError, match=r"accessible \(it takes members=read"):
        await ask(name, FORBIDDEN)
    with pytest.raises(GitHubAwayError):
        await ask(name, GitHubNotFound("Not Found"))


@pytest.mark.parametrize("error", [FORBIDDEN, GitHubNotFound("Not Found")])
async def test_a_repository_that_is_not_shown_is_none(error: GitHubError) -> None:
    assert await ask("repository", error) is None
    assert await asked_of(error).collaboration(7, "rita") is None


async def test_gitploys_own_limit_is_nobodys_fault() -> None:
    with pytest.raises(GitHubAwayError) as raised:
        await asked_of(LIMITED).collaboration(7, "rita")
    assert not isinstance(raised.value, PersonLimitedError)
    with pytest.raises(TokenRefusedError) as refused:
        await asked_of(GitHubUnauthorized("bad")).collaboration(7, "rita")
    assert refused.value.own
