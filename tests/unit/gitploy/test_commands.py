import pytest
from typer.testing import CliRunner

from gitploy.failing import CommandError, told
from gitploy.main import app


@pytest.mark.parametrize(
    "command",
    [
        "demo",
        "up",
        "actions",
        "projections rebuild",
        "dead-letters list",
        "dead-letters show",
        "dead-letters drop",
        "relay rewind",
        "relay parked",
    ],
)
def test_every_command_explains_itself(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "--data" in result.output


def test_the_help_explains_the_exit_codes() -> None:
    assert "Exit codes" in CliRunner().invoke(app, ["--help"]).output


def test_an_option_that_is_wrong_has_its_own_exit_code() -> None:
    assert CliRunner().invoke(app, ["demo", "--port", "70000"]).exit_code == 2


def test_a_failure_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, told():
        raise CommandError("It is so: do that.")
    assert ended.value.code == 1
    assert capsys.readouterr().err == "gitploy: It is so: do that.\n"
