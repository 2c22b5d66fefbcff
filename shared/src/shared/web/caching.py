"""Answers that a client has already, and answers made small.

What is asked for again and has not changed is answered by 304 and no body (RFC 9110,
section 13). What is long is compressed for whoever takes gzip.
"""

from collections.abc import Awaitable, Callable
from hashlib import blake2b
from http import HTTPStatus

from aiohttp import ETag, web
from aiohttp.typedefs import Middleware

#: Below it the header costs more than compression saves.
WORTH_BYTES = 1024
#: A browser may keep what one person may see, but asks whether it still holds.
PRIVATE = "private, no-cache"
#: What 304 says about the answer that the client has.
KEPT = ("ETag", "Cache-Control", "Link", "Vary", "Age", "Warning", "X-Gitploy-Stale")
READS = frozenset({"GET", "HEAD"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def caching(prefix: str) -> Middleware:
    """For everything that is read below a path."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        told = await handler(request)
        if request.method not in READS or not request.path.startswith(prefix):
            return told
        if not isinstance(told, web.Response) or told.status != HTTPStatus.OK:
            return told
        return _tagged(request, told)

    return answer


def _tagged(request: web.Request, told: web.Response) -> web.Response:
    body = told.body
    if not isinstance(body, bytes):
        return told
    # Weak: the same answer may be compressed or not.
    tag = blake2b(body, digest_size=16).hexdigest()
    told.headers.setdefault("Cache-Control", PRIVATE)
    told.etag = ETag(tag, is_weak=True)
    long = len(body) >= WORTH_BYTES
    if long:
        told.headers.add("Vary", "Accept-Encoding")
    known = request.if_none_match or ()
    if any(each.value in (tag, "*") for each in known):
        headers = {name: told.headers[name] for name in KEPT if name in told.headers}
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if long and _takes_gzip(request.headers.get("Accept-Encoding", "")):
        told.enable_compression(web.ContentCoding.gzip)
    return told


def _takes_gzip(accepted: str) -> bool:
    """Whether a client takes it: `gzip`, `gzip;q=0.5` or `*`, but not `gzip;q=0`."""
    told = {}
    for each in accepted.lower().split(","):
        coding, _, weight = each.partition(";")
        told[coding.strip()] = weight.replace(" ", "")
    weight = told.get("gzip", told.get("*", "q=0"))
    return weight.rstrip("0.") != "q="
