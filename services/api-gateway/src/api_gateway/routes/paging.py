"""Where the other parts of a list are: the header `Link` (RFC 8288).

`next` names the place in the list itself, so it costs the same however far it is, and
nothing is shown twice or left out when something new comes in at the front.
"""

from collections.abc import Mapping, Sequence

from aiohttp import web

from api_gateway.read_model.documents import Document
from api_gateway.read_model.paging import Cursor, Listed, Page

from .answering import answer
from .queries import DEEPEST

#: Proxies and clients take no header that is much longer: then there is none.
LONGEST = 4096


def listed(request: web.Request, page: Page, found: Listed) -> web.Response:
    """A part of a list, which may go on from where it ends."""
    told = around(page, more=found.next is not None)
    if (page.number - 1) * page.size > DEEPEST:
        del told["prev"]
    if found.next:
        told["next"] |= {"cursor": _written(found.next)}
    return answer(found.documents, headers=links(request, told))


def paged(
    request: web.Request, page: Page, documents: Sequence[Document], *, more: bool
) -> web.Response:
    """A part of a list whose parts are asked for by their numbers."""
    return answer(documents, headers=links(request, around(page, more=more)))


def around(page: Page, *, more: bool) -> dict[str, dict[str, str]]:
    """Which parts there are besides this one, and what asks for them."""
    numbers = {"first": 1, "prev": page.number - 1, "next": page.number + 1}
    if page.number == 1:
        del numbers["prev"]
    if not more:
        del numbers["next"]
    size = {"per_page": str(page.size)}
    return {rel: size | {"page": str(number)} for rel, number in numbers.items()}


def links(
    request: web.Request, told: Mapping[str, Mapping[str, str]]
) -> Mapping[str, str]:
    """The header, with this request's other parameters as they are."""
    urls = ((rel, _url(request, changed)) for rel, changed in told.items())
    told_so = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in urls)
    return {"Link": told_so} if len(told_so) <= LONGEST else {}


def _url(request: web.Request, changed: Mapping[str, str]) -> str:
    old = {"page", "per_page", "cursor"}
    kept = [(k, v) for k, v in request.query.items() if k not in old]
    return str(request.rel_url.with_query([*kept, *changed.items()]))


def _written(cursor: Cursor) -> str:
    return ".".join(map(str, cursor))
