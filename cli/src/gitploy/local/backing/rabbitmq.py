"""A private RabbitMQ node in a directory, as any user, on 127.0.0.1 alone.

The distribution's start script is used, not the wrapper that wants RabbitMQ's own
user. All that the script would look for in the system's places is named instead:
configuration, data, logs, plugins, home (for the Erlang cookie), and a port of its own
for epmd, Erlang's port mapper, which would otherwise be shared with the system's.
"""

import os
import shutil
import socket
from dataclasses import dataclass, field
from pathlib import Path

from gitploy.local.backing.process import GuardedProcess, ServerMissingError
from gitploy.local.kept import keep_password, keep_port, write_private

READY_S = 90.0
SCRIPTS = (
    Path("/usr/lib/rabbitmq/bin/rabbitmq-server"),
    Path("/opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server"),
    Path("/usr/local/opt/rabbitmq/sbin/rabbitmq-server"),
)
#: The schedulers don't spin while they wait: the machine has other work.
ERLANG = "+sbwt none +sbwtdcpu none +sbwtdio none"
LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"


@dataclass(frozen=True)
class RabbitMQ:
    dir: Path
    #: 0 picks a free port and keeps it.
    port: int = 0
    #: The management plugin's HTTP API; the node starts faster without.
    management: bool = False
    _process: GuardedProcess = field(
        default_factory=GuardedProcess, init=False, repr=False, compare=False
    )

    @property
    def url(self) -> str:
        return f"amqp://{self._login}@127.0.0.1:{self._amqp_port}/"

    @property
    def management_url(self) -> str:
        return f"http://{self._login}@127.0.0.1:{self._port('management')}"

    def start(self) -> str:
        """Start it, with the data that it had, and return its URL once it answers."""
        script = find_script()
        self.dir.mkdir(parents=True, exist_ok=True)
        for name in ("home", "log", "data"):
            (self.dir / name).mkdir(exist_ok=True)
        self._configure()
        self._process.start(
            self.dir,
            [str(script)],
            env=os.environ | self._environment(),
            options=[f"--afterwards=epmd -port {self._port('epmd')} -kill"],
        )
        self._process.wait_until(
            lambda: speaks_amqp(self._amqp_port),
            name="RabbitMQ",
            log=self.dir / "server.log",
            limit_s=READY_S,
        )
        return self.url

    def stop(self) -> None:
        self._process.stop()

    def kill(self) -> None:
        """End it without asking.

        RabbitMQ 3.10 forgets the names of quorum queues that were declared in the last
        second or two before this; such a queue comes back without a leader, for good.
        """
        self._process.kill()

    def running(self) -> bool:
        return self._process.running()

    @property
    def _login(self) -> str:
        return f"gitploy:{keep_password(self.dir)}"

    @property
    def _amqp_port(self) -> int:
        return self.port or self._port("amqp")

    def _port(self, name: str) -> int:
        return keep_port(self.dir, name)

    def _configure(self) -> None:
        user, password = self._login.split(":")
        lines = [f"default_user = {user}", f"default_pass = {password}"]
        if self.management:
            lines.append("management.tcp.ip = 127.0.0.1")
            lines.append(f"management.tcp.port = {self._port('management')}")
        write_private(self.dir / "rabbitmq.conf", "\n".join(lines) + "\n")
        plugins = "rabbitmq_management" if self.management else ""
        (self.dir / "enabled_plugins").write_text(f"[{plugins}].\n")
        (self.dir / "rabbitmq-env.conf").write_text("")

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.dir / "home"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._port("epmd")),
            "RABBITMQ_NODENAME": "gitploy@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self._amqp_port),
            "RABBITMQ_DIST_PORT": str(self._port("distribution")),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{LOOPBACK} {ERLANG}",
            "RABBITMQ_MNESIA_BASE": str(self.dir / "data"),
            "RABBITMQ_LOG_BASE": str(self.dir / "log"),
            "RABBITMQ_PID_FILE": str(self.dir / "pid"),
            "RABBITMQ_CONFIG_FILE": str(self.dir / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.dir / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(self.dir / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.dir / "enabled_plugins"),
            # The script then becomes the server instead of standing before it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }


def speaks_amqp(port: int) -> bool:
    """Whether a broker opens a connection: it does so last of all when it boots."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as broker:
            broker.sendall(b"AMQP\x00\x00\x09\x01")
            return broker.recv(1) == b"\x01"  # a method frame: Connection.Start
    except OSError:
        return False


def find_script() -> Path:
    found = shutil.which("rabbitmq-server")
    for script in (*SCRIPTS, *([Path(found)] if found else [])):
        if script.exists():
            return script
    raise ServerMissingError(
        "RabbitMQ isn't installed: install the package `rabbitmq-server`"
        " (Debian, Ubuntu) or `brew install rabbitmq`"
    )
