"""A private broker and database for the tests, and the order of the tests' levels.

One RabbitMQ and one PostgreSQL serve a whole run, or each worker of it (`-n`), started
when the first test wants them; each test gets a virtual host and a database of its own.
`GITPLOY_TEST_AMQP_URL` and `GITPLOY_TEST_DATABASE_URL` name servers that are there
already; that broker is then shared by the tests as it is, so they run one by one.
`GITPLOY_TEST_CONTAINERS` has Docker run both. Where no server is installed, a test is
skipped at a desk and fails in CI.
"""

import http.client
import os
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from gitploy.local.backing import Postgres, RabbitMQ, ServerMissingError
from tests import containers

Broker = RabbitMQ | containers.Broker
#: More of them would be through before the longest file is.
MAX_WORKERS = 8
LEVELS = ("unit", "contracts", "integration", "acceptance")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Run the quick levels first; inside a level the order stays random.

    Workers begin with the slow ones, so that none is left with one in the end.
    """
    items.sort(key=level, reverse=hasattr(config, "workerinput"))


def pytest_xdist_auto_num_workers() -> int:
    """Say what `-n auto` means: most tests wait, for processes that wait for others."""
    if os.environ.get("GITPLOY_TEST_AMQP_URL"):
        return 0
    return min(2 * (os.cpu_count() or 1), MAX_WORKERS)


def level(item: pytest.Item) -> int:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return LEVELS.index(folder) if folder in LEVELS else len(LEVELS)


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if url := os.environ.get("GITPLOY_TEST_DATABASE_URL"):
        yield url
        return
    if os.environ.get("GITPLOY_TEST_CONTAINERS"):
        with containers.postgres() as url:
            yield url
        return
    server = Postgres(tmp_path_factory.mktemp("postgres"), fast=True)
    yield start_or_skip(server.start)
    server.kill()


@contextmanager
def new_database(server: str) -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def database_url(postgres_url: str) -> Iterator[str]:
    """Give the test an empty database."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="module")
def module_database_url(postgres_url: str) -> Iterator[str]:
    """Give the module's tests an empty database together."""
    with new_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    if os.environ.get("GITPLOY_TEST_CONTAINERS"):
        with containers.rabbitmq() as broker:
            yield broker
        return
    server = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"), management=True)
    start_or_skip(server.start)
    yield server
    server.kill()


@contextmanager
def new_vhost(request: pytest.FixtureRequest) -> Iterator[str]:
    if url := os.environ.get("GITPLOY_TEST_AMQP_URL"):
        yield url
        return
    server: Broker = request.getfixturevalue("rabbitmq")
    name = f"test-{uuid.uuid4().hex}"
    manage(server, "PUT", f"/api/vhosts/{name}")
    yield server.url + name
    manage(server, "DELETE", f"/api/vhosts/{name}")


@pytest.fixture
def amqp_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the test an empty virtual host."""
    with new_vhost(request) as url:
        yield url


@pytest.fixture(scope="module")
def module_amqp_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the module's tests an empty virtual host together."""
    with new_vhost(request) as url:
        yield url


def start_or_skip(start: Callable[[], str]) -> str:
    try:
        return start()
    except ServerMissingError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


def manage(server: Broker, method: str, path: str) -> None:
    """Do one request of the management API; who makes a virtual host may use it."""
    url = urlsplit(server.management_url)
    login = b64encode(f"{url.username}:{url.password}".encode()).decode()
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
    try:
        connection.request(method, path, headers={"Authorization": f"Basic {login}"})
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
    finally:
        connection.close()
