"""The tests' servers in containers: of other versions, or where none are installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

POSTGRES = "postgres:16-alpine"
RABBITMQ = "rabbitmq:4-management-alpine"


@dataclass(frozen=True)
class Broker:
    """A RabbitMQ that somebody else ends."""

    url: str
    management_url: str


@contextmanager
def postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL."""
    with PostgresContainer(POSTGRES, driver=None) as server:
        yield server.get_connection_url()


@contextmanager
def rabbitmq() -> Iterator[Broker]:
    """Give a RabbitMQ with its management API."""
    container = DockerContainer(RABBITMQ).with_exposed_ports(5672, 15672)
    container.waiting_for(LogMessageWaitStrategy("Server startup complete"))
    with container as server:
        host = f"guest:guest@{server.get_container_host_ip()}"
        yield Broker(
            f"amqp://{host}:{server.get_exposed_port(5672)}/",
            f"http://{host}:{server.get_exposed_port(15672)}",
        )
