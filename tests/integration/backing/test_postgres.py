import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from gitploy.local.backing import Postgres, ServerMissingError, postgres
from tests.conftest import start_or_skip


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    # Not fast: what a kill leaves behind is what this is about.
    server = Postgres(tmp_path / "postgres")
    yield server
    server.kill()


def test_data_and_port_survive_a_kill(server: Postgres) -> None:
    url = start_or_skip(server.start)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    server.kill()
    assert not server.running()
    assert server.start() == url
    assert server.running()
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT one FROM kept").fetchone() == (1,)


def test_it_listens_on_loopback_and_wants_the_password(server: Postgres) -> None:
    url = start_or_skip(server.start)
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
        assert row == ("127.0.0.1",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace("gitploy:", "gitploy:not-"))
    assert stat.S_IMODE((server.dir / "password").stat().st_mode) == 0o600


def test_a_first_start_that_was_cut_short_is_begun_again(server: Postgres) -> None:
    (server.dir / "data.new" / "base").mkdir(parents=True)
    psycopg.connect(start_or_skip(server.start)).close()


def test_a_missing_server_is_one_sentence_that_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "candidates", lambda: iter([tmp_path]))
    with pytest.raises(ServerMissingError, match="install the package `postgresql`"):
        Postgres(tmp_path).start()
