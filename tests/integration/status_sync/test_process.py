"""`python -m status_sync`: what it needs to start, said in one line."""

import os
import subprocess
import sys

import pytest

GOOD = {
    "GITPLOY_AMQP_URL": "amqp://127.0.0.1:9/",
    "GITPLOY_DATABASE_URL": "memory://",
    "GITPLOY_GITHUB_TOKEN": "token",
    "GITPLOY_WEBHOOK_SECRET": "secret",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITPLOY_WEBHOOK_SECRET", None),
        ("GITPLOY_WEBHOOK_SECRET", ""),
        ("GITPLOY_SWEEP_INTERVAL_S", "often"),
        ("GITPLOY_HTTP_PORT", "http"),
    ],
)
def test_a_bad_setting_ends_the_start_with_one_line_that_names_it(
    name: str, value: str | None
) -> None:
    told = {k: v for k, v in {**GOOD, name: value}.items() if v is not None}
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GITPLOY_")}
    ended = subprocess.run(
        [sys.executable, "-m", "status_sync"],
        env={**kept, **told},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(name)
    assert "secret" not in line.removeprefix(name)
