import shlex
from pathlib import Path

import pytest

from gitploy.repository import Chosen
from gitploy.steps import Steps
from gitploy.terminal import Terminal, curl

from .test_steps import status

CHOSEN = Chosen(Path("/shop.git"), "demo/shop", "feature/it's", "production")
READY = {
    "gateway_url": "http://127.0.0.1:8080",
    "github_url": "http://127.0.0.1:8090",
    "token": "t0ken",
}


def test_the_printed_line_is_one_that_a_shell_understands() -> None:
    words = shlex.split(curl(CHOSEN, READY))
    assert words[0] == "curl"
    assert "http://127.0.0.1:8080/api/v1/repos/demo/shop/deployments" in words
    assert "Authorization: Bearer t0ken" in words
    assert '"ref": "feature/it\'s"' in words[-1]


def test_the_printed_line_is_not_broken_however_narrow_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    Terminal().welcome(CHOSEN, READY)
    assert curl(CHOSEN, READY) in capsys.readouterr().out


def test_text_of_others_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    step = Steps().of("deployment_status", status("success", description="[bold]!"))
    assert step
    Terminal().show(step)
    assert "[bold]!" in capsys.readouterr().out
