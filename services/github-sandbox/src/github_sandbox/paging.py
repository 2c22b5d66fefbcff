"""Cuts a list into pages and links to the others, as GitHub does."""

from typing import Any, TypeVar
from urllib.parse import urlencode

from github_sandbox.sandbox import Call

T = TypeVar("T")


def page_of(call: Call, items: list[T]) -> tuple[list[T], dict[str, str]]:
    """This page's items, and the `Link` header."""
    size = _number(call, "per_page", 30, most=100)
    page = _number(call, "page", 1, most=1_000_000)
    last = max(1, -(-len(items) // size))
    start = (page - 1) * size
    return items[start : start + size], _links(call, page, last)


def cursor_page_of(call: Call, items: list[T]) -> tuple[list[T], dict[str, str]]:
    """The same for lists that GitHub walks with a cursor; newest first."""
    size = _number(call, "per_page", 30, most=100)
    cursor = _number(call, "cursor", 2**63 - 1, most=2**63 - 1)
    rest = [item for item in items if _id(item) <= cursor]
    if len(rest) <= size:
        return rest, {}
    return rest[:size], _header({"next": _url(call, cursor=_id(rest[size]))})


def _links(call: Call, page: int, last: int) -> dict[str, str]:
    others: dict[str, int] = {}
    if page > 1:
        others |= {"prev": page - 1, "first": 1}
    if page < last:
        others |= {"next": page + 1, "last": last}
    return _header({rel: _url(call, page=number) for rel, number in others.items()})


def _header(urls: dict[str, str]) -> dict[str, str]:
    if not urls:
        return {}
    return {"Link": ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls.items())}


def _url(call: Call, **changes: int) -> str:
    return f"{call.links.base}{call.path}?{urlencode({**call.query, **changes})}"


def _number(call: Call, name: str, default: int, *, most: int) -> int:
    text = call.query.get(name, "")
    return min(max(int(text), 1), most) if text.isdecimal() else default


def _id(item: Any) -> int:
    return int(item.id)
