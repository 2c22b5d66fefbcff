from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from multidict import CIMultiDict

from shared.github import (
    GitHubRateLimited,
    GitHubRejected,
    GitHubUnauthorized,
    GitHubUnavailable,
    GraphQLError,
)
from shared.github.graphql import read_graphql
from shared.github.wire import Answer

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def answer(body: Any, status: int = 200, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, CIMultiDict(named), raw, None, NOW)


def test_partial_data_comes_with_its_errors_by_place() -> None:
    path: list[str | int] = [
        "repository",
        "object",
        "statusCheckRollup",
        "contexts",
        "nodes",
        0,
    ]
    error = {"type": "FORBIDDEN", "path": path, "message": "Resource not accessible"}
    told = read_graphql(
        answer({"data": {"repository": {"id": "R"}}, "errors": [error]})
    )
    assert told.data["repository"]["id"] == "R"
    assert told.errors == (
        GraphQLError("Resource not accessible", "FORBIDDEN", tuple(path)),
    )


def test_used_up_points_are_raised_with_their_reset() -> None:
    reset = str(int(NOW.timestamp()) + 90)
    body = {"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}
    with pytest.raises(GitHubRateLimited) as raised:
        read_graphql(answer(body, x_ratelimit_remaining="0", x_ratelimit_reset=reset))
    assert raised.value.retry_at == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        {"data": None, "errors": [{"message": "Something went wrong while executing"}]},
    ],
)
def test_an_answer_without_data_is_no_answer(body: Any) -> None:
    with pytest.raises(GitHubUnavailable):
        read_graphql(answer(body))


def test_a_wrong_question_is_told_in_githubs_words() -> None:
    with pytest.raises(GitHubRejected, match="Field 'x' doesn't exist"):
        read_graphql(answer({"errors": [{"message": "Field 'x' doesn't exist"}]}))


def test_a_refused_token_is_raised() -> None:
    with pytest.raises(GitHubUnauthorized):
        read_graphql(answer({"message": "Bad credentials"}, status=401))


def test_a_busy_github_says_when_to_ask_again() -> None:
    with pytest.raises(GitHubUnavailable) as raised:
        read_graphql(answer(b"", status=503, retry_after="7"))
    assert raised.value.retry_at == NOW + timedelta(seconds=7)
