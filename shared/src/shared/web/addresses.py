"""Addresses that are longer than any operation needs."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from .errors import ApiError

#: Enough for what stands behind a path as JSON, escaped.
MAX_ADDRESS: Final = 32 * 1024
#: What is read of a request's first line; beyond it aiohttp answers in plain text.
MAX_LINE: Final = 2 * MAX_ADDRESS


@web.middleware
async def bound_addresses(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what is too long, in the one format of errors."""
    if len(request.raw_path) > MAX_ADDRESS:
        text = f"The address may have at most {MAX_ADDRESS} bytes."
        raise ApiError(414, "parameter_invalid", text)
    return await handler(request)
