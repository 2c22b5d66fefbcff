"""Paths of the API."""

from urllib.parse import quote


def of_repository(repository: str, *parts: object) -> str:
    """A path below a repository; what is given may have any characters."""
    rest = "".join(f"/{quote(str(part), safe='')}" for part in parts)
    return f"/repos/{quote(repository)}{rest}"
