"""Errors as pages: for people whom a link has led to us."""

import html
from dataclasses import dataclass

from aiohttp import web

from shared.web import ApiError, problem


@dataclass(frozen=True)
class Page:
    """What a page for people says around an error, and where it leads."""

    title: str
    path: str
    action: str


def explained(request: web.Request, error: ApiError, page: Page) -> web.Response:
    """The error as a page for people, as JSON for programs."""
    if "text/html" not in request.headers.get("Accept", ""):
        return problem(error)
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Gitploy</title>"
        f"<h1>{page.title}</h1><p>{html.escape(error.message)}"
        f'<p><a href="{page.path}">{page.action}</a>'
    )
    headers = {
        **(error.headers or {}),
        "Content-Security-Policy": "default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.Response(
        status=error.status, text=text, content_type="text/html", headers=headers
    )
