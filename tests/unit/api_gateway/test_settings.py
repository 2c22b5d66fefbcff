"""Tokens for several people, and what is wrong with some."""

import json

import pytest
from pydantic import SecretStr, ValidationError

from api_gateway.routes.auth import GITPLOY, User, users_of
from api_gateway.settings import Settings

from .examples import ANN

TOKEN = {"token": "of-ann", "id": 42, "login": "ann"}


def settings(api_tokens: str) -> Settings:
    """As the environment gives them."""
    return Settings.model_validate(
        {
            "amqp_url": "memory://",
            "database_url": "memory://",
            "github_token": "t",
            "api_token": "of-gitploy",
            "api_tokens": api_tokens,
        }
    )


def test_each_token_acts_as_somebody() -> None:
    told = settings(json.dumps([TOKEN, TOKEN | {"token": "2", "admin": True}]))
    assert users_of(told) == {
        b"of-gitploy": GITPLOY,
        b"of-ann": User(ANN, admin=False),
        b"2": User(ANN, admin=True),
    }
    assert "of-ann" not in repr(told)


def test_there_may_be_none() -> None:
    assert settings("").api_tokens == settings("[]").api_tokens == ()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ('[{"token": "of-ann"', "not valid JSON"),
        ('{"token": "of-ann"}', "a list of tokens"),
        (json.dumps([TOKEN | {"id": 0}]), "greater than 0"),
        (json.dumps([TOKEN | {"token": ""}]), "at least 1"),
        (json.dumps([TOKEN | {"login": "ann\n"}]), "match pattern"),
        (json.dumps([TOKEN | {"role": "admin"}]), "Extra inputs"),
        (json.dumps([TOKEN, TOKEN]), "is there twice"),
        (json.dumps([TOKEN | {"token": "of-gitploy"}]), "GITPLOY_API_TOKEN"),
    ],
)
def test_a_wrong_list_is_explained_without_its_tokens(given: str, wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong) as error:
        settings(given)
    assert "of-ann" not in str(error.value)


def test_the_limits_are_the_settings() -> None:
    told = Settings(
        amqp_url=SecretStr("memory://"),
        database_url=SecretStr("memory://"),
        github_token=SecretStr("t"),
        api_token=SecretStr("t"),
        ask_in_queue_s=7,
        push_timeout_s=8,
    ).limits
    assert (told.queue.total_seconds(), told.push.total_seconds()) == (7, 8)
