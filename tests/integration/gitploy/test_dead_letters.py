"""Dead letters of an embedded system, through the command."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gitploy.local.system import DATABASE, System, remember
from gitploy.main import app
from gitploy.operating import who
from shared.messaging import MemoryFile
from shared.testing.bus import a_message

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    remember(tmp_path, System("memory://", f"sqlite:///{tmp_path}/"), "http://unused")
    return tmp_path


@pytest.fixture
def bus(data: Path) -> MemoryFile:
    return MemoryFile(data / "bus.sqlite")


def gitploy(*command: str) -> str:
    result = CliRunner().invoke(app, ["dead-letters", *command])
    assert result.exit_code == 0, result.output
    return result.output


def test_each_is_shown_with_what_went_wrong(bus: MemoryFile, data: Path) -> None:
    assert gitploy("list", "--data", str(data)) == "There are none.\n"
    message = a_message()
    bus.bury("github-dispatcher", message, "ValueError: boom", AT)
    bus.close()
    shown = gitploy("list", "--data", str(data))
    assert f"2026-01-05 09:00:00  {message.id}  github-dispatcher" in shown
    assert "ValueError: boom" in shown
    (letter,) = json.loads(gitploy("list", "--json", "--data", str(data)))
    assert (letter["id"], letter["reason"]) == (message.id, "ValueError: boom")


def test_one_or_all_are_sent_back(bus: MemoryFile, data: Path) -> None:
    messages = [a_message(n) for n in range(3)]
    for message in messages:
        bus.bury("github-dispatcher", message, "boom", AT)
    assert gitploy("retry", messages[0].id, "--data", str(data)) == "1 sent back.\n"
    assert [kept.message for kept in bus.changed_elsewhere()] == [messages[0]]
    assert gitploy("retry", "--data", str(data)) == "2 sent back.\n"
    assert len(bus.changed_elsewhere()) == 2
    bus.close()


def test_one_that_is_not_there_is_said_so(data: Path) -> None:
    result = CliRunner().invoke(
        app, ["dead-letters", "retry", "nothing", "--data", str(data)]
    )
    assert result.exit_code == 1
    assert "no dead letter nothing" in result.stderr


def test_one_is_shown_whole_and_steers_no_terminal(bus: MemoryFile, data: Path) -> None:
    message = a_message()
    bus.bury("github-dispatcher", message, "boom \x1b[2J", AT)
    bus.close()
    assert r"boom \x1b[2J" in gitploy("list", "--data", str(data))
    shown = json.loads(gitploy("show", message.id, "--data", str(data)))
    assert shown["body"] == message.data.model_dump(mode="json")
    assert shown["headers"]["cloudEvents:id"] == message.id
    assert shown["reason"] == "boom \x1b[2J"


def test_one_is_dropped_and_kept_on_record_with_who_and_why(
    bus: MemoryFile, data: Path
) -> None:
    dropped, kept = a_message(1), a_message(2)
    for service in ("github-dispatcher", "verifier"):
        bus.bury(service, dropped, "boom", AT)
    bus.bury("github-dispatcher", kept, "boom", AT)
    told = ["drop", dropped.id, "--service", "verifier", "--data", str(data)]
    said = gitploy(*told, "--reason", "A test's.", "--yes")
    assert said == "Dropped: verifier will not get it.\n"
    left = {(letter.service, letter.id) for letter in bus.dead_letters()}
    assert left == {("github-dispatcher", m.id) for m in (dropped, kept)}
    bus.close()
    result = CliRunner().invoke(app, ["actions", "--json", "--data", str(data)])
    (action,) = json.loads(result.output)
    assert action["who"] == who()
    assert (action["service"], action["reason"]) == ("verifier", "A test's.")
    assert (action["action"], action["subject"]) == ("dead-letters drop", dropped.id)
    assert action["details"]["body"] == dropped.data.model_dump(mode="json")
    result = CliRunner().invoke(app, ["actions", "--data", str(data)])
    assert f"dead-letters drop {dropped.id}: A test's." in result.output


@pytest.mark.parametrize(
    ("options", "answer"),
    [(["--reason", " ", "--yes"], ""), (["--reason", "A test's."], "n\n")],
)
def test_without_a_reason_or_a_yes_nothing_is_dropped(
    bus: MemoryFile, data: Path, options: list[str], answer: str
) -> None:
    message = a_message()
    bus.bury("verifier", message, "boom", AT)
    told = ["dead-letters", "drop", message.id, *options, "--data", str(data)]
    assert CliRunner().invoke(app, told, input=answer).exit_code != 0
    assert len(bus.dead_letters()) == 1
    bus.close()


def test_without_a_system_the_way_to_one_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(DATABASE, raising=False)
    result = CliRunner().invoke(app, ["dead-letters", "list"])
    assert result.exit_code == 2
    assert "--data" in result.stderr
