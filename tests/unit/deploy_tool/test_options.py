from pathlib import Path

import pytest

from deploy_tool.options import parse

SECRETS = {"DEPLOY_TOOL_TOKEN": "token-1", "DEPLOY_TOOL_SECRET": "secret-1"}


def test_flags_and_environment_are_read() -> None:
    options = parse(
        ["--repository", "octo/hello", "--port", "9", "--directory", "data"], SECRETS
    )
    assert options.directory == Path("data")
    assert options.public_url == "http://127.0.0.1:9"
    assert (options.token, options.secret) == ("token-1", "secret-1")


def test_its_secrets_are_not_shown() -> None:
    shown = repr(parse(["--repository", "octo/hello"], SECRETS))
    assert "token-1" not in shown
    assert "secret-1" not in shown


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_secret_is_named(
    missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(["--repository", "octo/hello"], SECRETS | {missing: ""})
    assert missing in capsys.readouterr().err
