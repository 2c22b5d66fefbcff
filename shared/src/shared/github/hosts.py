"""Where the other doors of a GitHub are, given that of its REST API.

| | REST | GraphQL | browsers, OAuth |
|---|---|---|---|
| github.com | `https://api.github.com` | `/graphql` | `https://github.com` |
| GHES | `https://HOST/api/v3` | `https://HOST/api/graphql` | `https://HOST` |
| GHE.com | `https://api.SUB.ghe.com` | `/graphql` | `https://SUB.ghe.com` |

A host that is none of these, like the sandbox, has all of them in one place.
"""

from typing import Final
from urllib.parse import urlsplit, urlunsplit

_SERVER: Final = "/api/v3"


def web_url(api_url: str) -> str:
    parts = urlsplit(api_url.rstrip("/"))
    host = parts.netloc
    if host == "api.github.com" or _is_ghe_com(host):
        host = host.removeprefix("api.")
    path = parts.path.removesuffix(_SERVER)
    return urlunsplit((parts.scheme, host, path, "", ""))


def graphql_url(api_url: str) -> str:
    address = api_url.rstrip("/")
    if address.endswith(_SERVER):
        return address.removesuffix("/v3") + "/graphql"
    return f"{address}/graphql"


def _is_ghe_com(host: str) -> bool:
    return host.startswith("api.") and host.endswith(".ghe.com")
