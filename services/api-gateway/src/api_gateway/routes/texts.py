"""The kinds of text, and of other values, that requests are made of.

Each is checked by a function, which says what is wrong, and published as a pattern that
takes the same.
"""

import re
from collections.abc import Collection
from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, Field, JsonValue

from api_gateway.domain.access import is_full_name

MAX_NAME = 255
MAX_PAYLOAD_BYTES = 32 * 1024
MAX_PAYLOAD_DEPTH = 10
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
#: A line that says something.
LINE = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
#: Several lines, which may say nothing, and which say something.
PROSE = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
SAYING = rf"{PROSE[:-1]}[^\s\x00-\x1f\x7f]{PROSE[1:]}"
COMMIT = re.compile(r"[0-9a-fA-F]{4,64}")
FULL_SHA = re.compile(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
#: What git allows as the name of a ref (git-check-ref-format).
REF = re.compile(
    r"(?!@$|[/.-]|.*(?:\.\.|@\{|//|/\.|\.lock/|\.lock$|[/.]$))"
    r"[^\x00-\x20\x7f~^:?*\[\\]+"
)
#: A path's part, and a path from the repository's root.
STEP = r"(?!\.{1,2}(?:/|$))[^/\x00-\x1f\x7f]+"
FILE = rf"^(?=.*\S){STEP}(?:/{STEP})*$"
#: Nothing, or what a browser opens.
ADDRESS = rf"^[ \t\n]*(?:https?://{PROSE[1:-1]})?$"
#: `owner/name`.
FULL_NAME = r"^(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$"
#: The checks that somebody may be allowed to pass over; the verifier decides who.
OVERRIDABLE = frozenset(
    {"up_to_date", "commit_checks", "needs", "frozen", "locked", "running", "review"}
)


def published(**words: Any) -> Any:
    """What the description says of what a function checks."""
    return Field(json_schema_extra=words)


def _line(text: str) -> str:
    if CONTROL.search(text):
        raise ValueError("it contains a control character")
    if not text.strip():
        raise ValueError("it is empty")
    return text


def _ref(text: str) -> str:
    if len(text.encode()) > MAX_NAME:
        raise ValueError(f"it is longer than {MAX_NAME} bytes")
    if not REF.fullmatch(text):
        raise ValueError(f"git does not allow the name {text!r}")
    return text


def _prose(text: str) -> str:
    if CONTROL.search(text.replace("\n", " ").replace("\t", " ")):
        raise ValueError("it contains a control character")
    return text.strip()


def _reason(text: str) -> str:
    if not (text := _prose(text)):
        raise ValueError("it is empty: say why")
    return text


def _path(text: str) -> str:
    if any(part in ("", ".", "..") for part in text.split("/")):
        raise ValueError("it must be a file's path from the repository's root")
    return text


def _full_name(text: str) -> str:
    if not is_full_name(text):
        raise ValueError("it must be a repository's owner/name")
    return text


def _address(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("it must begin with http:// or https://")
    return text


def _sha(text: str) -> str:
    if not FULL_SHA.fullmatch(text):
        raise ValueError("it must be a whole commit id, 40 or 64 hexadecimal digits")
    return text.lower()


def _check(code: str) -> str:
    if code not in OVERRIDABLE:
        known = ", ".join(sorted(OVERRIDABLE))
        raise ValueError(f"nobody may override {code!r}, only {known}")
    return code


def _value(value: JsonValue) -> JsonValue:
    _check_depth(value, MAX_PAYLOAD_DEPTH)
    if len(orjson.dumps(value)) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"it is larger than {MAX_PAYLOAD_BYTES} bytes")
    return value


def _check_depth(value: JsonValue, left: int) -> None:
    if left < 0:
        raise ValueError(f"it is nested more than {MAX_PAYLOAD_DEPTH} deep")
    parts = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and any("\0" in key for key in value):
        raise ValueError("a key contains a zero byte")
    if isinstance(value, str) and "\0" in value:
        raise ValueError("a text contains a zero byte")
    if isinstance(parts, Collection) and not isinstance(parts, str):
        for part in parts:
            _check_depth(part, left - 1)


Line = Annotated[str, AfterValidator(_line), published(minLength=1, pattern=LINE)]
Environment = Annotated[Line, Field(max_length=MAX_NAME)]
RefName = Annotated[
    Line,
    AfterValidator(_ref),
    published(maxLength=MAX_NAME, pattern=f"^{REF.pattern}$"),
]
Prose = Annotated[
    str, Field(max_length=1000), AfterValidator(_prose), published(pattern=PROSE)
]
Reason = Annotated[
    str,
    Field(max_length=1000),
    AfterValidator(_reason),
    published(minLength=1, pattern=SAYING),
]
ConfigPath = Annotated[
    Line, Field(max_length=MAX_NAME), AfterValidator(_path), published(pattern=FILE)
]
FullName = Annotated[
    Line,
    Field(max_length=200),
    AfterValidator(_full_name),
    published(pattern=FULL_NAME),
]
Address = Annotated[Prose, AfterValidator(_address), published(pattern=ADDRESS)]
FullSha = Annotated[
    str, AfterValidator(_sha), published(pattern=f"^{FULL_SHA.pattern}$")
]
CheckCode = Annotated[str, AfterValidator(_check), published(enum=sorted(OVERRIDABLE))]
DynamicPayload = Annotated[dict[str, JsonValue], AfterValidator(_value)]
