"""Settings come from flags and the environment; what is wrong is named."""

from pathlib import Path

import pytest

from github_sandbox.settings import SettingError, read, stable_number

ENVIRONMENT = {
    "GITPLOY_SANDBOX_REPOSITORY": str(Path(__file__).parent),
    "GITPLOY_SANDBOX_NAME": "octo/shop",
    "GITPLOY_SANDBOX_DATA": "data",
    "GITPLOY_SANDBOX_TOKENS": "one=mona, two=hubot",
}


def test_the_environment_is_enough() -> None:
    settings = read([], ENVIRONMENT)
    assert settings.tokens == {"one": "mona", "two": "hubot"}
    assert (settings.host, settings.port) == ("127.0.0.1", 8090)
    assert settings.id == stable_number("octo/shop")


def test_flags_win() -> None:
    flags = ["--name", "octo/other", "--port", "0"]
    settings = read([*flags, "--token", "three=rob"], ENVIRONMENT)
    assert (settings.full_name, settings.port) == ("octo/other", 0)
    assert settings.tokens["three"] == "rob"


def test_people_and_teams() -> None:
    told = {
        "GITPLOY_SANDBOX_PEOPLE": "ann=write, bob=none",
        "GITPLOY_SANDBOX_TEAMS": "ops=ann+bob,empty=",
    }
    settings = read(["--person", "carol=admin"], ENVIRONMENT | told)
    assert settings.people == {"carol": "admin", "ann": "write", "bob": "none"}
    assert settings.teams == {"ops": ("ann", "bob"), "empty": ()}


def test_sample_people_and_a_sample_team() -> None:
    settings = read([], ENVIRONMENT)
    assert settings.people == {"reader": "read", "deployer": "write", "admin": "admin"}
    assert settings.teams == {"deployers": ("deployer", "admin")}


def test_a_name_always_has_the_same_number() -> None:
    assert stable_number("Octo/Shop") == stable_number("octo/shop") == 444_825_695


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REPOSITORY", ""),
        ("REPOSITORY", "/nowhere"),
        ("NAME", ""),
        ("NAME", "shop"),
        ("DATA", ""),
        ("TOKENS", ""),
        ("TOKENS", "secret"),
        ("PEOPLE", "ann"),
        ("PEOPLE", "ann=owner"),
        ("TEAMS", "ops"),
        ("PORT", "-1"),
    ],
)
def test_a_bad_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingError) as wrong:
        read([], ENVIRONMENT | {f"GITPLOY_SANDBOX_{name}": value})
    assert f"GITPLOY_SANDBOX_{name}" in str(wrong.value)
    assert "\n" not in str(wrong.value)
    assert "secret" not in str(wrong.value)
