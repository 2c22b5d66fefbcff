"""Which system a command means."""

from pathlib import Path

import pytest

from gitploy.failing import CommandError
from gitploy.local.system import Api, System, find, find_api, remember

SYSTEM = System("memory://", "sqlite:///data/")
URL = "http://127.0.0.1:8080"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    remember(tmp_path, SYSTEM, URL)
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "token").write_text("t0ken")
    return tmp_path


def test_a_directory_knows_where_its_system_is(here: Path) -> None:
    assert find(here) == SYSTEM
    assert find_api(here, None, None) == Api(URL, "t0ken", here / "kept" / "token")
    assert (here / "system.json").stat().st_mode & 0o077 == 0


def test_what_was_named_counts(here: Path) -> None:
    assert find_api(here, "http://there/", "mine") == Api("http://there", "mine")
    assert find_api(None, "http://there", "mine") == Api("http://there", "mine")
    assert find_api(here, None, "mine") == Api(URL, "mine")


def test_where_no_token_is_kept_one_has_to_be_given(here: Path) -> None:
    (here / "kept" / "token").unlink()
    with pytest.raises(CommandError, match="wants a token: give it one in GITPLOY_API"):
        find_api(here, None, None)


def test_where_no_system_is_it_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"no system in .*--url and GITPLOY_API_TOK"):
        find_api(tmp_path, None, None)
    with pytest.raises(CommandError, match=r"no system in .*GITPLOY_AMQP_URL"):
        find(tmp_path)


def test_a_token_is_not_shown() -> None:
    assert "mine" not in repr(Api("http://there", "mine"))
