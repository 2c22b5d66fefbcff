"""The proxy on the way to somebody, as the environment names it."""

import re
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

#: What runs here is behind no proxy, whether NO_PROXY says so or not.
HERE: Final = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


def proxy_of(url: str) -> str | None:
    """`HTTPS_PROXY` and its like; aiohttp's own way reads ~/.netrc along with them."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if HERE.fullmatch(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)
