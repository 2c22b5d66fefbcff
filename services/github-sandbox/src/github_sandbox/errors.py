"""The ways in which GitHub says no."""

from collections.abc import Mapping
from typing import Any

_DOCS = "https://docs.github.com/rest"


class ApiError(Exception):
    """An answer other than success, in GitHub's error format."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        listed = {} if errors is None else {"errors": errors}
        self.body = {
            "message": message,
            **listed,
            "documentation_url": _DOCS,
            "status": str(status),
        }


def not_found() -> ApiError:
    return ApiError(404, "Not Found")


def bad_credentials() -> ApiError:
    return ApiError(401, "Bad credentials")


def invalid_request(why: str) -> ApiError:
    return ApiError(422, f"Invalid request.\n\n{why}")


def validation_failed(resource: str, field: str | None, message: str) -> ApiError:
    error = {"resource": resource, "code": "custom", "message": message}
    told = error if field is None else error | {"field": field}
    return ApiError(422, "Validation Failed", errors=[told])


def no_commit(sha: str) -> ApiError:
    return ApiError(422, f"No commit found for SHA: {sha}")
