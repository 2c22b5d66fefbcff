"""Lists that are walked with cursors, with GitHub's rules for their bounds."""

import base64
from collections.abc import Callable
from typing import Any, TypeVar

from graphql import GraphQLError, GraphQLResolveInfo

T = TypeVar("T")
Node = dict[str, Any]

_MOST = 100


def connection(
    items: Callable[..., list[T]], shape: Callable[[T], Node], **also: Any
) -> Callable[..., Node]:
    """A field that pages through items; `items` takes the field's other arguments."""

    def resolve(
        info: GraphQLResolveInfo[Any],
        first: int | None = None,
        last: int | None = None,
        after: str | None = None,
        before: str | None = None,
        **arguments: Any,
    ) -> Node:
        _check(info.field_name, first, last)
        found = items(**arguments)
        start = _position(after) + 1 if after else 0
        end = _position(before) if before else len(found)
        if first is not None:
            end = min(end, start + first)
        if last is not None:
            start = max(start, end - last)
        nodes = [shape(item) for item in found[start:end]]
        return {
            "totalCount": len(found),
            "nodes": nodes,
            "edges": [
                {"cursor": _cursor(start + place), "node": node}
                for place, node in enumerate(nodes)
            ],
            "pageInfo": {
                "hasNextPage": end < len(found),
                "hasPreviousPage": start > 0,
                "startCursor": _cursor(start) if nodes else None,
                "endCursor": _cursor(start + len(nodes) - 1) if nodes else None,
            },
            **also,
        }

    return resolve


def _check(field: str, first: int | None, last: int | None) -> None:
    if first is None and last is None:
        raise GraphQLError(
            f"You must provide a `first` or `last` value to properly paginate the "
            f"`{field}` connection.",
            extensions={"type": "MISSING_PAGINATION_BOUNDARIES"},
        )
    for name, value in (("first", first), ("last", last)):
        if value is not None and not 0 <= value <= _MOST:
            raise GraphQLError(
                f"Requesting {value} records on the `{field}` connection exceeds the "
                f"`{name}` limit of {_MOST} records.",
                extensions={"type": "EXCESSIVE_PAGINATION"},
            )


def _cursor(place: int) -> str:
    return base64.b64encode(f"cursor:{place}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("cursor:"))
    except ValueError as error:
        raise GraphQLError(
            f"`{cursor}` does not appear to be a valid cursor.",
            extensions={"type": "INVALID_CURSOR_ARGUMENTS"},
        ) from error
