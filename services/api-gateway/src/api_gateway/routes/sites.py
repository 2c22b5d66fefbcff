"""From where a browser says that a request comes: our own pages, or somebody else's."""

from urllib.parse import urlsplit

from aiohttp import web


class Sites:
    """Knows our own pages.

    Args:
        public_url: Where browsers find us; as the request says it, if that is empty.
    """

    def __init__(self, public_url: str) -> None:
        parts = urlsplit(public_url)
        self._origin = f"{parts.scheme}://{parts.netloc}" if public_url else ""

    def are_ours(self, request: web.Request) -> bool | None:
        """Whether it comes from our pages, or from none; None: nothing says so."""
        site, origin = (request.headers.get(h) for h in ("Sec-Fetch-Site", "Origin"))
        if site is not None:
            return site in {"same-origin", "none"}
        if origin is not None:
            return origin == (self._origin or f"{request.scheme}://{request.host}")
        return None
