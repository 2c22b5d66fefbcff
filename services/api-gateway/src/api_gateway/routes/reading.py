"""What a request says, or a clear answer about what is wrong with it.

Everything is checked before anything is recorded.
"""

import re
from typing import Final, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from api_gateway.read_model import EventId
from shared.web import ApiError

from .queries import DIGITS, MAX_INT
from .texts import CONTROL, MAX_NAME

MAX_BODY = 1024 * 1024
MAX_ID = 2**63 - 1
DEFAULT_WAIT_S = 10.0
MAX_WAIT_S = 60.0
WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)
#: Of older versions the position alone.
EVENT_ID = re.compile(r"([0-9]{1,18})(?:-([0-9a-f]{8}))?")
KEY = re.compile(r"[\x21-\x7e]{1,255}")

#: By the kinds of pydantic's errors; what is not here is said by our own checks.
WORDS: Final = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such member here",
    "model_type": "it must be a JSON object",
    "dict_type": "it must be a JSON object",
    "list_type": "it must be a list",
    "too_short": "it must have at least {min_length}",
    "string_type": "it must be a text",
    "string_too_long": "it may have at most {max_length} characters",
    "string_pattern_mismatch": "it must match {pattern}",
    "bool_type": "it must be true or false",
    "literal_error": "it must be {expected}",
}
B = TypeVar("B", bound=BaseModel)


def invalid(name: str, what: str) -> ApiError:
    """The answer to a parameter or a field that is wrong."""
    return ApiError(400, "parameter_invalid", f"{name}: {what}")


async def body_of(request: web.Request, kind: type[B]) -> B:
    """The JSON body.

    Raises:
        ApiError: It is too large, no JSON, or its fields are wrong.
    """
    try:
        document = orjson.loads(await _bytes_of(request) or b"{}")
    except orjson.JSONDecodeError as error:
        raise invalid("body", f"it is not valid JSON: {error}") from error
    return _checked(kind, document, "body")


def query_of(request: web.Request, kind: type[B]) -> B:
    """The parameters behind the path.

    Raises:
        ApiError: They are wrong.
    """
    return _checked(kind, dict(request.query), "query")


def _checked(kind: type[B], document: object, whole: str) -> B:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"])) or whole
        raise invalid(name, _told(first)) from error


def _told(error: ErrorDetails) -> str:
    """What is wrong, in words for people who don't know our models."""
    if words := WORDS.get(error["type"]):
        return words.format_map(error.get("ctx", {}))
    return error["msg"].removeprefix("Value error, ")


async def _bytes_of(request: web.Request) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise ApiError(
                413, "body_too_large", f"The body may have at most {MAX_BODY} bytes."
            )
    return bytes(body)


def full_name_of(request: web.Request) -> str:
    """The repository in the path."""
    return f"{request.match_info['namespace']}/{request.match_info['name']}"


def id_of(request: web.Request) -> int:
    """The id in the path: a position in our log, or GitHub's id of a person."""
    text = request.match_info["id"]
    if not DIGITS.fullmatch(text) or int(text) > MAX_ID:
        raise invalid("id", f"it must be an integer from 0 to {MAX_ID}")
    return int(text)


def number_of(request: web.Request) -> int:
    """The deployment's number in the path."""
    return _integer("number", request.match_info["number"])


def environment_of(request: web.Request) -> str:
    """The environment in the path."""
    name = request.match_info["env"]
    if len(name) > MAX_NAME or CONTROL.search(name) or not name.strip():
        raise invalid("env", f"it must be 1 to {MAX_NAME} printable characters")
    return name


def _integer(name: str, text: str) -> int:
    if not DIGITS.fullmatch(text) or not 1 <= int(text) <= MAX_INT:
        raise invalid(name, f"it must be an integer from 1 to {MAX_INT}")
    return int(text)


def wait_of(request: web.Request) -> float:
    """How long the client wants to wait for the outcome, in seconds."""
    found = WAIT.search(",".join(request.headers.getall("Prefer", [])))
    return min(float(found[1]), MAX_WAIT_S) if found else DEFAULT_WAIT_S


def idempotency_key_of(request: web.Request) -> str | None:
    """The name that the client gave to its request, to be able to repeat it."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not KEY.fullmatch(key):
        raise invalid(
            "Idempotency-Key", "it must be 1 to 255 ASCII characters, no spaces"
        )
    return key


def last_event_id_of(request: web.Request) -> EventId | None:
    """The last event that the client has seen; some say none by an empty header."""
    text = request.headers.get("Last-Event-ID")
    if not text:
        return None
    if not (found := EVENT_ID.fullmatch(text)):
        raise invalid("Last-Event-ID", "it must be the id of an event of this stream")
    return EventId(int(found[1]), found[2] or "")
