"""Logging in: the token is checked, kept where its owner alone can read, forgotten."""

import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gitploy.failing import FORBIDDEN, WRONG, CommandError
from gitploy.logins import Login, Logins
from gitploy.main import app
from gitploy.reaching import address, is_open, reach
from tests.unit.gitploy.fake import FakeGateway

ADA = Login("https://one.example", "ada", "a-token")
BOB = Login("https://two.example", "bob", "b-token")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("GITPLOY_SERVER_HOST", "GITPLOY_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    gateway = FakeGateway({"GET /user": {"login": "ada", "admin": False}})
    monkeypatch.setattr("gitploy.client.reached", gateway.reach)
    return gateway


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(app, list(words), **options)


def test_a_token_is_kept_for_its_owner_alone(folder: Path) -> None:
    logins = Logins()
    logins.keep(ADA)
    assert logins.file == folder / "config" / "gitploy" / "logins.json"
    assert stat.S_IMODE(logins.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(logins.file.parent.stat().st_mode) == 0o700


def test_the_newest_login_is_meant_unless_a_gateway_is_named(folder: Path) -> None:
    logins = Logins()
    for login in (ADA, BOB):
        logins.keep(login)
    assert (reach(None, None).url, reach(None, None).token) == (BOB.url, BOB.token)
    assert reach("one.example", None).token == ADA.token
    logins.keep(ADA)
    assert reach(None, None).token == ADA.token


def test_a_token_is_never_sent_to_another_gateway(folder: Path) -> None:
    Logins().keep(ADA)
    with pytest.raises(CommandError, match="no token for https://two") as ended:
        reach("https://two.example", None)
    assert ended.value.code == FORBIDDEN
    assert reach("https://two.example", "given").token == "given"


def test_a_token_that_is_given_goes_before_the_kept_one(folder: Path) -> None:
    Logins().keep(ADA)
    assert reach(None, "given").token == "given"


def test_logging_in_checks_the_token(folder: Path, gateway: FakeGateway) -> None:
    words = ["login", "--host", "one.example", "--with-token"]
    assert "You are ada" in run(*words, input="a-token\n").stdout
    assert gateway.reached == ("https://one.example", "a-token")
    assert Logins().of() == ADA
    gateway.answers["GET /user"] = 401, {"message": "No"}
    assert run(*words, input="another\n").exit_code == FORBIDDEN
    assert Logins().of() == ADA


def test_whoever_logs_in_without_encryption_is_warned(
    folder: Path, gateway: FakeGateway
) -> None:
    words = ["login", "-H", "http://one.example", "--with-token"]
    assert "not encrypted" in run(*words, input="a").stderr


def test_without_a_terminal_nothing_is_asked(
    folder: Path, gateway: FakeGateway
) -> None:
    assert run("login", "--host", "one.example", input="a\n").exit_code == WRONG
    assert run("login", "--with-token", input="a\n").exit_code == WRONG
    assert not gateway.asked


def test_logging_out_forgets_one(folder: Path) -> None:
    for login in (ADA, BOB):
        Logins().keep(login)
    assert run("logout").exit_code == 0
    assert Logins().of() == ADA
    assert run("logout", "-H", BOB.url).exit_code == 1


def test_a_file_that_is_broken_is_said_so(folder: Path) -> None:
    Logins().keep(ADA)
    for text in ("{", "[]", '{"hosts": 3}'):
        Logins().file.write_text(text)
        with pytest.raises(CommandError, match="log in again"):
            Logins().of()


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("gitploy.example", "https://gitploy.example"),
        ("https://gitploy.example/", "https://gitploy.example"),
        ("http://gitploy.example/below/", "http://gitploy.example/below"),
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:1", "http://127.0.0.1:1"),
        ("[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_as_people_write_it(text: str, url: str) -> None:
    assert address(text) == url


@pytest.mark.parametrize(
    "text", ["", "ftp://x", "https://", "https://a:b@x", "x:port", "x?y", "x#y"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(CommandError) as ended:
        address(text)
    assert ended.value.code == WRONG


def test_a_password_in_an_address_is_not_shown() -> None:
    with pytest.raises(CommandError, match="leave them out") as ended:
        address("https://ada:hidden@gitploy.example")
    assert "hidden" not in str(ended.value)


def test_what_stays_on_this_machine_is_not_open() -> None:
    assert is_open("http://gitploy.example")
    assert not is_open("https://gitploy.example")
    assert not is_open("http://127.0.0.1:8080")
