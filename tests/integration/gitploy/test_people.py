"""The people of the demo: known to the sandbox, and to the gateway by their tokens."""

from pathlib import Path

from pydantic import SecretStr

from api_gateway.settings import Settings
from github_sandbox.settings import SAMPLE_PEOPLE
from github_sandbox.shapes.links import Links
from github_sandbox.shapes.users import user
from gitploy.local import people
from gitploy.local.place import Place


def test_each_has_a_token_and_the_id_that_the_sandbox_tells(tmp_path: Path) -> None:
    known = people.tokens(Place.make(tmp_path / "data", "127.0.0.1", None))
    settings = Settings.model_validate(
        {
            "amqp_url": SecretStr("amqp://unused"),
            "database_url": SecretStr("sqlite:///unused/"),
            "github_token": SecretStr("unused"),
            "api_token": SecretStr("another"),
            "api_tokens": people.as_setting(known),
        }
    )
    told = {each.login: each for each in settings.api_tokens}
    assert set(told) == set(SAMPLE_PEOPLE)
    for login, each in told.items():
        assert each.id == user(Links("http://sandbox", "demo/shop"), login)["id"]
        assert each.token.get_secret_value() == known[login]
        assert each.admin is (login == "admin")


def test_tokens_are_the_same_at_each_start(tmp_path: Path) -> None:
    first = people.tokens(Place.make(tmp_path / "data", "127.0.0.1", None))
    assert first == people.tokens(Place.make(tmp_path / "data", "127.0.0.1", None))
    assert len(set(first.values())) == len(first)
