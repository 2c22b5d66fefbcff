"""Prints the packages (Debian's names) of the servers that aren't installed."""

from gitploy.local.backing.postgres import find_binaries
from gitploy.local.backing.process import ServerMissingError
from gitploy.local.backing.rabbitmq import find_script

NEEDED = {"postgresql": find_binaries, "rabbitmq-server": find_script}

for package, find in NEEDED.items():
    try:
        find()
    except ServerMissingError:
        print(package)  # noqa: T201 - the scripts read it
