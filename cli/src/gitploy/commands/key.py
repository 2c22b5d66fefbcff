"""`gitploy key`: a new key for what GitHub gives."""

import typer


def key() -> None:
    """Make a key for GITPLOY_ENCRYPTION_KEYS.

    Put it first there, and the services encrypt with it from their next start on; take
    the old one away after that.
    """
    from gitploy.local.place import new_key  # noqa: PLC0415 - other commands don't need it

    typer.echo(new_key())
