"""Tokens for several people, and what is wrong with some."""

import json

import pytest
from cryptography.fernet import Fernet
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


SIGNING_IN = {
    "github_client_id": "Iv1.x",
    "github_client_secret": "s",
    "public_url": "https://gitploy.example",
    "encryption_keys": Fernet.generate_key().decode(),
}


def told(**more: str) -> Settings:
    needed = {
        "amqp_url": "memory://",
        "database_url": "memory://",
        "github_token": "t",
        "api_token": "of-gitploy",
    }
    return Settings.model_validate(needed | more)


def test_people_sign_in_if_all_is_there() -> None:
    assert not told().signs_in
    settings = told(**SIGNING_IN, member_entries="Acme, ann,", admin_users="Olga")
    assert settings.signs_in
    assert settings.access.members == {"acme", "ann"}
    assert settings.access.admins == {"olga"}
    assert "GITPLOY" not in repr(settings)
    assert SIGNING_IN["encryption_keys"] not in repr(settings)


@pytest.mark.parametrize(
    "missing", ["github_client_secret", "public_url", "encryption_keys"]
)
def test_what_is_missing_for_signing_in_is_named(missing: str) -> None:
    with pytest.raises(ValidationError, match="sign in") as raised:
        told(**{k: v for k, v in SIGNING_IN.items() if k != missing})
    text = str(raised.value)
    assert missing in text or f"GITPLOY_{missing.upper()}" in text


def test_a_key_that_is_none_is_named_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="gitploy key") as raised:
        told(encryption_keys="too-short")
    assert "too-short" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "secure"),
    [
        ("https://gitploy.example", True),
        ("http://gitploy.example", True),
        ("http://localhost:8080", False),
        ("http://127.0.0.1", False),
        ("https://localhost", True),
        ("", True),
    ],
)
def test_cookies_need_https_but_on_this_very_machine(url: str, secure: bool) -> None:
    assert told(public_url=url).secure is secure
