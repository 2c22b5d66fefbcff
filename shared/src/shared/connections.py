"""The way to somebody: through which proxy, and why nobody is there."""

import os
import re
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

#: What runs here is behind no proxy, whether NO_PROXY says so or not.
HERE: Final = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")


def proxy_of(url: str) -> str | None:
    """`HTTPS_PROXY` and its like; aiohttp's own way reads ~/.netrc along with them."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if HERE.fullmatch(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def why(error: Exception) -> str:
    """Why there is no connection, in the system's words; aiohttp's are its own."""
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return f"the proxy {error.host}:{error.port} can't be reached"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"{error.host} is not known"
    if isinstance(error, aiohttp.ClientSSLError):
        told = error.os_error
        return getattr(told, "verify_message", None) or told.strerror or str(told)
    if isinstance(error, aiohttp.ClientConnectorError) and error.os_error.errno:
        return os.strerror(abs(error.os_error.errno)).lower()
    if isinstance(error, TimeoutError):
        return "it took too long"
    return str(error) or "the connection was lost"
