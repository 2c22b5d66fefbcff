"""`gitploy key`: a new key for what GitHub gives."""

import typer

from gitploy.place import new_key


def key() -> None:
    """Make a key for GITPLOY_ENCRYPTION_KEYS.

    Put it first there, and the services encrypt with it from their next start on; take
    the old one away after that.
    """
    typer.echo(new_key())
