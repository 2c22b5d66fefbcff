"""Which gateway is meant, and as whom it is asked."""

import re
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from gitploy.failing import FORBIDDEN, WRONG, CommandError
from gitploy.local.system import DEMO, FILE, UP, Api, find_api
from gitploy.logins import Logins

#: Gitploy's own names come first; the others are those of the services' settings.
HOST_VARIABLES: Final = ["GITPLOY_SERVER_HOST", "GITPLOY_URL"]
TOKEN_VARIABLES: Final = ["GITPLOY_TOKEN", "GITPLOY_API_TOKEN"]
LOOPBACK: Final = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


def reach(host: str | None, token: str | None) -> Api:
    """The gateway that was named, that of the login, or the one that runs here.

    Raises:
        CommandError: There is none, or no token for it.
    """
    if host:
        return _named(address(host), token)
    known = Logins().of()
    if known is not None:
        return Api(known.url, token or known.token)
    if any((each / FILE).exists() for each in (UP, DEMO)):
        # Whatever comes next finds it here, too: nobody has to be told the token.
        return replace(find_api(None, None, token), token_file=None)
    raise CommandError(
        "No gateway is known: `gitploy login` asks for one, or name it with "
        "GITPLOY_SERVER_HOST and GITPLOY_TOKEN.",
        WRONG,
    )


def _named(url: str, token: str | None) -> Api:
    if token:
        return Api(url, token)
    known = Logins().of(url)
    if known is None:
        raise CommandError(
            f"There is no token for {url}: `gitploy login --host {url}`, or give one "
            "in GITPLOY_TOKEN.",
            FORBIDDEN,
        )
    return Api(url, known.token)


def address(host: str) -> str:
    """A gateway's address as people write it; without a scheme it is https.

    Raises:
        CommandError: It is none.
    """
    text = host.strip()
    if "://" not in text:
        bare = urlsplit(f"//{text}").hostname or ""
        text = f"{'http' if LOOPBACK.fullmatch(bare) else 'https'}://{text}"
    try:
        parts = urlsplit(text)
        # Reading the port is what checks it.
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if good and "@" in parts.netloc:
        # It would be shown with the password.
        raise CommandError(
            f"The address of {parts.hostname} has a user or a password in it: leave "
            "them out, and give a token in GITPLOY_TOKEN.",
            WRONG,
        )
    if not good or parts.query or parts.fragment:
        raise CommandError(
            f"{host} is no address of a gateway: it is like https://gitploy.example.com.",
            WRONG,
        )
    return text.rstrip("/")


def is_open(url: str) -> bool:
    """Whether whoever is on the way could read a token that is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not LOOPBACK.fullmatch(parts.hostname or "")
