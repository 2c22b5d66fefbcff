"""A private PostgreSQL and a private RabbitMQ, each in a directory of its own.

`gitploy up`, the tests and the benchmarks need both, and must not touch what the
machine already runs: so each is started from the system's packages as an ordinary
process on 127.0.0.1, with its data, password and ports kept in its directory.
"""

from gitploy.local.backing.postgres import Postgres as Postgres
from gitploy.local.backing.process import ServerError as ServerError
from gitploy.local.backing.process import ServerMissingError as ServerMissingError
from gitploy.local.backing.rabbitmq import RabbitMQ as RabbitMQ
