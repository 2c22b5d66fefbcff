"""Lists that come in pages, and that people are told to go on."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from gitploy.asking import Asked
from gitploy.output import Answer

Page = Annotated[int, typer.Option(min=1, help="Which page.")]
PerPage = Annotated[int, typer.Option(min=1, max=100, help="How many on a page.")]
All = Annotated[bool, typer.Option("--all", help="Every page.")]


async def show_list(
    ask: Asked,
    path: str,
    wanted: Mapping[str, Any],
    shown: Callable[[list[Any]], Answer],
    *,
    page: int,
    per_page: int,
    every: bool,
) -> None:
    """A page, or all of it."""
    if every:
        told, more = await ask.client.all(path, **wanted), False
    else:
        told, more = await ask.client.page(path, **wanted, page=page, per_page=per_page)
    ask.out.answer(told, lambda: shown(told))
    if more:
        ask.out.note(f"There are more: --page {page + 1}, or --all.")
