"""What a data directory keeps from start to start."""

import stat
from pathlib import Path

import pytest

from gitploy.failing import CommandError
from gitploy.local.place import DEFAULT_PORT, Place


def place(folder: Path, port: int | None = None) -> Place:
    return Place.make(folder / "data", "127.0.0.1", port)


def test_ports_and_secrets_are_kept(tmp_path: Path) -> None:
    first, second = place(tmp_path, 0), place(tmp_path, 0)
    assert first.port("api-gateway") == second.port("api-gateway")
    assert first.port("verifier") == second.port("verifier") != first.port("other")
    assert first.secret("token") == second.secret("token") != first.secret("other")


def test_a_port_that_is_given_is_kept_until_another_is(tmp_path: Path) -> None:
    assert place(tmp_path).port("api-gateway") == DEFAULT_PORT
    assert place(tmp_path, 8123).port("api-gateway") == 8123
    assert place(tmp_path).port("api-gateway") == 8123
    assert place(tmp_path, 0).port("api-gateway") == 8123


def test_only_its_owner_looks_into_it(tmp_path: Path) -> None:
    here = place(tmp_path)
    here.secret("token")
    for path in (here.dir, *(here.dir / "kept").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_one_at_a_time(tmp_path: Path) -> None:
    here = place(tmp_path)
    with here.alone(), pytest.raises(CommandError, match="A system runs"), here.alone():
        pass
    with here.alone():
        pass


def test_a_file_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(CommandError, match="--data"):
        place(tmp_path)


def test_the_webhook_secret_of_the_environment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place(tmp_path)
    kept = here.webhook_secret
    monkeypatch.setenv("GITPLOY_WEBHOOK_SECRET", "told")
    assert here.webhook_secret == "told"
    monkeypatch.delenv("GITPLOY_WEBHOOK_SECRET")
    assert here.webhook_secret == kept


@pytest.mark.parametrize(
    ("host", "reached"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::1", "[::1]")],  # noqa: S104
)
def test_this_machine_reaches_it(tmp_path: Path, host: str, reached: str) -> None:
    here = Place.make(tmp_path / "data", host, 8080)
    assert here.url("api-gateway") == f"http://{reached}:8080"
