import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from gitploy.local.repository import Chosen
from gitploy.local.terminal import Terminal, curl
from gitploy.steps import Steps

from .test_steps import lock, status

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


def test_text_of_others_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "one\x1b[2Jtwo\nthree"
    step = Steps().of("deployment_status", status("success", description=evil))
    assert step
    Terminal().show(step)
    shown = capsys.readouterr().out
    assert "one\\x1b[2Jtwo\\nthree" in shown
    assert shown.count("\n") == 1


def test_what_concerns_no_deployment_has_no_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    step = Steps().of("lock", lock())
    assert step
    Terminal().show(step)
    shown = capsys.readouterr().out
    assert "#" not in shown
    assert "production" in shown


def test_the_sample_says_what_to_read_next(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().welcome(CHOSEN, READY)
    assert "leads through" not in capsys.readouterr().out
    Terminal().welcome(replace(CHOSEN, walkthrough="docs/walkthrough.md"), READY)
    assert "docs/walkthrough.md leads through" in capsys.readouterr().out
