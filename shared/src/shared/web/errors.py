"""One error format: Gitploy's `code` and `message`, and the members of RFC 9457.

Whatever a handler raises becomes an answer here and nowhere else.
"""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from aiohttp import web

#: The code of an error that aiohttp itself raises.
CODES = {
    400: "parameter_invalid",
    401: "unauthorized",
    403: "permission_required",
    404: "entity_not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "parameter_invalid",
    429: "rate_limited",
}
#: Of a path so much is quoted.
MOST_QUOTED = 200
UNREADABLE = (
    "body: it can't be read: it ends too early, or is not what Content-Encoding says. "
    "Send it again, as it is."
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


class ApiError(Exception):
    """An answer that says what is wrong and what to do about it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        self.members = members


def problem(error: ApiError) -> web.Response:
    """The JSON of an error: additional members stand beside the fixed ones."""
    document = {
        "code": error.code,
        "message": error.message,
        "type": f"urn:gitploy:error:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message,
        **error.members,
    }
    return web.Response(
        status=error.status,
        body=orjson.dumps(document),
        content_type="application/json",
        headers=error.headers,
    )


@web.middleware
async def problem_middleware(
    request: web.Request, handler: Handler
) -> web.StreamResponse:
    """Answer every exception in the one format."""
    try:
        return await handler(request)
    except ApiError as error:
        return problem(error)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return problem(_of_server(request, error))
    except web.RequestPayloadError:
        return problem(ApiError(400, "parameter_invalid", UNREADABLE))
    except Exception as error:
        if isinstance(error, ConnectionResetError) and _has_left(request):
            # Nobody is there any more to be answered.
            return problem(ApiError(400, "parameter_invalid", UNREADABLE))
        log.exception("request_failed", method=request.method, path=request.path)
        text = "Something went wrong in Gitploy; its log has the details."
        return problem(ApiError(500, "internal_error", text))


def _of_server(request: web.Request, error: web.HTTPException) -> ApiError:
    """What aiohttp itself answers, in words that say what to do."""
    path = request.path[:MOST_QUOTED]
    if isinstance(error, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(error.allowed_methods))
        text = f"{path!r} takes no {request.method}, but: {allowed}."
    elif isinstance(error, web.HTTPNotFound):
        text = f"There is nothing at {path!r}: look at the address once more."
    else:
        text = error.reason
    code = CODES.get(error.status, "internal_error")
    kept = {k: v for k, v in error.headers.items() if k in ("Allow", "Retry-After")}
    return ApiError(error.status, code, text, headers=kept)


def _has_left(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
